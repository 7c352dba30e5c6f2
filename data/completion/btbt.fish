# SPDX-License-Identifier: GPL-3.0-or-later
function __btbt_complete
    set -l before (commandline -opc)
    set -e before[1]
    set -l typed (string match -- '-*' (commandline -ct))
    set -l found (btbt complete -- $before "$typed" 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c btbt -f -a '(__btbt_complete)'
