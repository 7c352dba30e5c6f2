# SPDX-License-Identifier: GPL-3.0-or-later
_btbt () {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(btbt complete --quoted -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _btbt btbt
