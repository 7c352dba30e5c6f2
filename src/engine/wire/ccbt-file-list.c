/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-file-list.h"

/* One file as the torrent describes it. */
typedef struct
{
  guint64 length;
  CcbtFileAttributes attributes;
  const guint8 *pieces_root;
} Entry;

static void
clear_file (gpointer data)
{
  CcbtMetainfoFile *file = data;

  g_free ((char *) file->path);
  g_free ((char *) file->symlink_target);
}

void
ccbt_file_list_init (CcbtFileList *self, const char *root)
{
  *self = (CcbtFileList){ .root = root };
  self->files = g_array_new (FALSE, FALSE, sizeof (CcbtMetainfoFile));
  g_array_set_clear_func (self->files, clear_file);
  self->names = ccbt_path_names_new ();
}

void
ccbt_file_list_clear (CcbtFileList *self)
{
  g_clear_pointer (&self->files, g_array_unref);
  g_clear_pointer (&self->names, ccbt_path_names_free);
}

/* --- What v1 and v2 have in common --- */

static gboolean
fail (GError **error, CcbtError code, const char *sentence)
{
  g_set_error_literal (error, CCBT_ERROR, (int) code, sentence);
  return FALSE;
}

static CcbtFileAttributes
read_attributes (CcbtBencodeValue dict)
{
  CcbtFileAttributes attributes = 0;
  CcbtSpan text;

  if (!ccbt_bencode_value_lookup_string (dict, "attr", &text))
    return 0;
  for (gsize i = 0; i < text.len; i++)
    switch (text.data[i])
      {
      case 'p':
        attributes |= CCBT_FILE_ATTRIBUTE_PAD;
        break;
      case 'h':
        attributes |= CCBT_FILE_ATTRIBUTE_HIDDEN;
        break;
      case 'x':
        attributes |= CCBT_FILE_ATTRIBUTE_EXECUTABLE;
        break;
      case 'l':
        attributes |= CCBT_FILE_ATTRIBUTE_SYMLINK;
        break;
      default:
        break;
      }
  return attributes;
}

/* A symlink takes no place in the pieces; BEP 47 lets its length be left out. */
static gboolean
read_entry (CcbtBencodeValue dict, Entry *out, GError **error)
{
  CcbtBencodeValue length_value = ccbt_bencode_value_lookup (dict, "length");
  gboolean is_link;
  gint64 length = 0;

  *out = (Entry){ .attributes = read_attributes (dict) };
  is_link = (out->attributes & CCBT_FILE_ATTRIBUTE_SYMLINK) != 0;
  if (!ccbt_bencode_value_get_integer (length_value, &length)
      && (!is_link || ccbt_bencode_value_get_kind (length_value) != CCBT_BENCODE_NONE))
    return fail (error, CCBT_ERROR_MALFORMED, "A file in the torrent has no “length”.");
  if (length < 0)
    return fail (error, CCBT_ERROR_MALFORMED, "A file in the torrent has a negative “length”.");
  if (is_link && length > 0)
    return fail (error, CCBT_ERROR_MALFORMED,
                 "A symbolic link in the torrent has a “length” that is not zero.");
  out->length = (guint64) length;
  return TRUE;
}

gboolean
ccbt_file_list_count_path (CcbtFileList *self, const char *path, GError **error)
{
  self->path_bytes += strlen (path);
  if (self->path_bytes > CCBT_METAINFO_MAX_PATH_BYTES)
    return fail (error, CCBT_ERROR_TOO_LARGE,
                 "The paths of the torrent's files are too long altogether.");
  return TRUE;
}

/* Appends a file at @offset. @components: (nullable): NULL for a pad, which is named when the
 * others are.
 * @target: (nullable) (transfer full) */
static gboolean
add_file (CcbtFileList *self, const Entry *entry, guint64 offset, char **components, char *target,
          GError **error)
{
  CcbtMetainfoFile file = { .length = entry->length,
                            .offset = offset,
                            .attributes = entry->attributes,
                            .symlink_target = target,
                            .pieces_root = entry->pieces_root };

  if (components != NULL)
    file.path = ccbt_path_names_add_file (self->names, components);
  g_array_append_val (self->files, file);
  if (self->files->len > CCBT_METAINFO_MAX_FILES)
    return fail (error, CCBT_ERROR_TOO_LARGE, "The torrent has more than 200,000 files.");
  if (entry->length > G_MAXINT64 - offset)
    return fail (error, CCBT_ERROR_TOO_LARGE,
                 "The “length” values of the torrent's files add up to more than can be.");
  self->end = offset + entry->length;
  if (components != NULL)
    self->payload_size += entry->length;
  self->has_links |= target != NULL;
  return file.path == NULL || ccbt_file_list_count_path (self, file.path, error);
}

/* Adds the safe components of @list to @components. Returns: FALSE when it is no list of 1 to 100
 * strings */
static gboolean
read_components (CcbtBencodeValue list, GPtrArray *components)
{
  CcbtBencodeIter iter;
  CcbtBencodeValue item;
  CcbtSpan text;
  guint length = ccbt_bencode_value_get_length (list);

  if (ccbt_bencode_value_get_kind (list) != CCBT_BENCODE_LIST || length == 0
      || length > CCBT_METAINFO_MAX_DEPTH)
    return FALSE;
  ccbt_bencode_iter_init (&iter, list);
  while (ccbt_bencode_iter_next (&iter, NULL, &item))
    {
      if (!ccbt_bencode_value_get_string (item, &text))
        return FALSE;
      g_ptr_array_add (components, ccbt_path_name_make_safe (text));
    }
  return TRUE;
}

static GPtrArray *
begin_components (const CcbtFileList *self)
{
  GPtrArray *components = g_ptr_array_new_with_free_func (g_free);

  if (self->root != NULL)
    g_ptr_array_add (components, g_strdup (self->root));
  return components;
}

/* Where the link @dict points to, as a path of the torrent. Returns: (transfer full) (nullable) */
static char *
read_link_target (const CcbtFileList *self, CcbtBencodeValue dict)
{
  g_autoptr (GPtrArray) components = begin_components (self);

  if (!read_components (ccbt_bencode_value_lookup (dict, "symlink path"), components))
    return NULL;
  g_ptr_array_add (components, NULL);
  return g_strjoinv ("/", (char **) components->pdata);
}

static char *
read_target (const CcbtFileList *self, const Entry *entry, CcbtBencodeValue dict)
{
  if ((entry->attributes & CCBT_FILE_ATTRIBUTE_SYMLINK) == 0)
    return NULL;
  return read_link_target (self, dict);
}

/* --- v1 --- */

gboolean
ccbt_file_list_read_single (CcbtFileList *self, CcbtBencodeValue info, const char *name,
                            GError **error)
{
  char *components[] = { (char *) name, NULL };
  Entry entry;

  if (!read_entry (info, &entry, error))
    return FALSE;
  /* A torrent of nothing but a pad or a link makes no sense: the file is what counts. */
  entry.attributes &= ~(CCBT_FILE_ATTRIBUTE_PAD | CCBT_FILE_ATTRIBUTE_SYMLINK);
  return add_file (self, &entry, 0, components, NULL, error);
}

static gboolean
read_v1_file (CcbtFileList *self, CcbtBencodeValue dict, GError **error)
{
  g_autoptr (GPtrArray) components = NULL;
  Entry entry;

  if (ccbt_bencode_value_get_kind (dict) != CCBT_BENCODE_DICT)
    return fail (error, CCBT_ERROR_MALFORMED, "The list “files” holds something that is no file.");
  if (!read_entry (dict, &entry, error))
    return FALSE;
  if ((entry.attributes & CCBT_FILE_ATTRIBUTE_PAD) != 0)
    return add_file (self, &entry, self->end, NULL, NULL, error);

  components = begin_components (self);
  if (!read_components (ccbt_bencode_value_lookup (dict, "path.utf-8"), components))
    {
      g_ptr_array_set_size (components, self->root != NULL ? 1 : 0);
      if (!read_components (ccbt_bencode_value_lookup (dict, "path"), components))
        return fail (error, CCBT_ERROR_MALFORMED,
                     "A file in the torrent has no usable “path” of 1 to 100 names.");
    }
  g_ptr_array_add (components, NULL);
  return add_file (self, &entry, self->end, (char **) components->pdata,
                   read_target (self, &entry, dict), error);
}

gboolean
ccbt_file_list_read_v1 (CcbtFileList *self, CcbtBencodeValue files, GError **error)
{
  CcbtBencodeIter iter;
  CcbtBencodeValue item;

  if (ccbt_bencode_value_get_kind (files) != CCBT_BENCODE_LIST)
    return fail (error, CCBT_ERROR_MALFORMED, "The key “files” in the torrent is no list.");
  ccbt_bencode_iter_init (&iter, files);
  while (ccbt_bencode_iter_next (&iter, NULL, &item))
    if (!read_v1_file (self, item, error))
      return FALSE;
  return TRUE;
}

/* --- v2 --- */

static gboolean
read_pieces_root (CcbtBencodeValue dict, Entry *entry, GError **error)
{
  static const guint8 zeros[sizeof (CcbtSha256)];
  CcbtSpan root;

  if (entry->length == 0)
    return TRUE;
  if (!ccbt_bencode_value_lookup_string (dict, "pieces root", &root) || root.len != sizeof zeros
      || memcmp (root.data, zeros, sizeof zeros) == 0)
    return fail (error, CCBT_ERROR_MALFORMED,
                 "A file in the “file tree” of the torrent has no valid “pieces root”.");
  entry->pieces_root = root.data;
  return TRUE;
}

static gboolean
read_v2_file (CcbtFileList *self, CcbtBencodeValue dict, GPtrArray *components,
              guint32 piece_length, GError **error)
{
  guint64 offset = self->end;
  gboolean added;
  Entry entry;

  if (!read_entry (dict, &entry, error) || !read_pieces_root (dict, &entry, error))
    return FALSE;
  if ((entry.attributes & CCBT_FILE_ATTRIBUTE_PAD) != 0)
    return fail (error, CCBT_ERROR_MALFORMED,
                 "The “file tree” of the torrent holds a pad file, which v2 does not allow.");
  if (entry.length > 0) /* cannot overflow: the end is below 2^63 */
    offset = (offset + piece_length - 1) / piece_length * piece_length;
  if (offset > G_MAXINT64)
    return fail (error, CCBT_ERROR_TOO_LARGE,
                 "The “length” values of the torrent's files add up to more than can be.");
  g_ptr_array_add (components, NULL);
  added = add_file (self, &entry, offset, (char **) components->pdata,
                    read_target (self, &entry, dict), error);
  g_ptr_array_set_size (components, (int) components->len - 1);
  return added;
}

/* One entry of a folder: a file, or another folder, which is put on the stack. */
static gboolean
read_v2_entry (CcbtFileList *self, GArray *stack, GPtrArray *components, CcbtBencodeValue value,
               guint32 piece_length, GError **error)
{
  CcbtBencodeValue leaf = ccbt_bencode_value_lookup (value, "");
  CcbtBencodeIter iter;

  if (ccbt_bencode_value_get_kind (value) != CCBT_BENCODE_DICT)
    return fail (error, CCBT_ERROR_MALFORMED,
                 "The “file tree” of the torrent holds something that is no file and no folder.");
  if (ccbt_bencode_value_get_kind (leaf) == CCBT_BENCODE_NONE)
    {
      if (components->len > CCBT_METAINFO_MAX_DEPTH)
        return fail (error, CCBT_ERROR_MALFORMED,
                     "The “file tree” of the torrent is more than 100 folders deep.");
      ccbt_bencode_iter_init (&iter, value);
      g_array_append_val (stack, iter);
      return TRUE;
    }
  if (ccbt_bencode_value_get_length (value) != 1
      || ccbt_bencode_value_get_kind (leaf) != CCBT_BENCODE_DICT)
    return fail (error, CCBT_ERROR_MALFORMED,
                 "The “file tree” of the torrent holds something that is file and folder at once.");
  if (!read_v2_file (self, leaf, components, piece_length, error))
    return FALSE;
  g_ptr_array_set_size (components, (int) components->len - 1);
  return TRUE;
}

gboolean
ccbt_file_list_read_v2 (CcbtFileList *self, CcbtBencodeValue tree, guint32 piece_length,
                        GError **error)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (CcbtBencodeIter));
  g_autoptr (GPtrArray) components = begin_components (self);
  CcbtBencodeValue value;
  CcbtBencodeIter top;
  CcbtSpan key;

  if (ccbt_bencode_value_get_kind (tree) != CCBT_BENCODE_DICT
      || ccbt_bencode_value_get_kind (ccbt_bencode_value_lookup (tree, "")) != CCBT_BENCODE_NONE)
    return fail (error, CCBT_ERROR_MALFORMED, "The torrent has no usable “file tree”.");
  ccbt_bencode_iter_init (&top, tree);
  g_array_append_val (stack, top);
  while (stack->len > 0)
    if (ccbt_bencode_iter_next (&g_array_index (stack, CcbtBencodeIter, stack->len - 1), &key,
                                &value))
      {
        g_ptr_array_add (components, ccbt_path_name_make_safe (key));
        if (!read_v2_entry (self, stack, components, value, piece_length, error))
          return FALSE;
      }
    else
      {
        g_array_set_size (stack, stack->len - 1);
        if (stack->len > 0)
          g_ptr_array_set_size (components, (int) components->len - 1);
      }
  return TRUE;
}

gboolean
ccbt_file_list_is_single_v2 (CcbtBencodeValue tree)
{
  CcbtBencodeIter iter;
  CcbtBencodeValue value;

  if (ccbt_bencode_value_get_kind (tree) != CCBT_BENCODE_DICT
      || ccbt_bencode_value_get_length (tree) != 1)
    return FALSE;
  ccbt_bencode_iter_init (&iter, tree);
  ccbt_bencode_iter_next (&iter, NULL, &value);
  return ccbt_bencode_value_get_kind (ccbt_bencode_value_lookup (value, "")) == CCBT_BENCODE_DICT;
}
