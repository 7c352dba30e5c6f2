/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-path-name-private.h"

#include "base/ccbt-random.h"

/* A file or folder. Millions of folders fit in a hostile torrent, hence no allocation for each. */
typedef struct
{
  guint32 parent;      /* node of the folder it is in; 0 = the top */
  guint32 hash;        /* of parent and folded name */
  guint32 text;        /* offset of the folded name in `texts` */
  guint32 length : 31; /* bytes of it */
  guint32 is_file : 1;
  guint32 last_number; /* highest number given to another one that wanted this name */
  guint32 stand_in;    /* of a file: the folder that stands for a folder of this name; 0 = none */
  guint32 stand_in_number; /* the number in the stand-in's name */
} Node;

struct _CcbtPathNames
{
  GArray *nodes;  /* Node; number 0 is the top */
  GString *texts; /* folded names, one after the other */
  guint32 *slots; /* open addressing: node numbers, 0 = free */
  guint32 n_slots;
  GString *folded; /* scratch: parent's number and folded name */
};

static Node *
get_node (CcbtPathNames *self, guint32 number)
{
  return &g_array_index (self->nodes, Node, number);
}

CcbtPathNames *
ccbt_path_names_new (void)
{
  CcbtPathNames *self = g_new0 (CcbtPathNames, 1);

  self->nodes = g_array_new (FALSE, TRUE, sizeof (Node));
  g_array_set_size (self->nodes, 1);
  self->texts = g_string_new (NULL);
  self->n_slots = 64;
  self->slots = g_new0 (guint32, self->n_slots);
  self->folded = g_string_new (NULL);
  return self;
}

void
ccbt_path_names_free (CcbtPathNames *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->nodes);
  g_string_free (self->texts, TRUE);
  g_string_free (self->folded, TRUE);
  g_free (self->slots);
  g_free (self);
}

/* Two names that some file system takes for one give the same bytes: case and composition are
 * folded. */
static void
append_folded (GString *out, const char *name)
{
  gboolean is_ascii = TRUE;

  for (const char *p = name; *p != '\0' && is_ascii; p++)
    is_ascii = (guint8) *p < 0x80;
  if (is_ascii)
    {
      for (const char *p = name; *p != '\0'; p++)
        g_string_append_c (out, g_ascii_tolower (*p));
    }
  else
    {
      g_autofree char *caseless = g_utf8_casefold (name, -1);
      g_autofree char *normal = g_utf8_normalize (caseless, -1, G_NORMALIZE_DEFAULT);

      g_string_append (out, normal != NULL ? normal : caseless);
    }
}

static void
grow_slots (CcbtPathNames *self)
{
  g_free (self->slots);
  self->n_slots *= 2;
  self->slots = g_new0 (guint32, self->n_slots);
  for (guint32 number = 1; number < self->nodes->len; number++)
    {
      guint32 slot = get_node (self, number)->hash & (self->n_slots - 1);

      while (self->slots[slot] != 0)
        slot = (slot + 1) & (self->n_slots - 1);
      self->slots[slot] = number;
    }
}

/* Returns: the node of @name in @parent, made when there was none (@added). */
static guint32
find_or_add (CcbtPathNames *self, guint32 parent, const char *name, gboolean *added)
{
  Node node = { .parent = parent };
  const char *text;
  guint32 slot;

  g_string_truncate (self->folded, 0);
  g_string_append_len (self->folded, (const char *) &parent, sizeof parent);
  append_folded (self->folded, name);
  text = self->folded->str + sizeof parent;
  node.length = (self->folded->len - sizeof parent) & G_MAXINT32;
  node.hash = ccbt_random_keyed_hash ((const guint8 *) self->folded->str, self->folded->len);

  *added = FALSE;
  for (slot = node.hash & (self->n_slots - 1); self->slots[slot] != 0;
       slot = (slot + 1) & (self->n_slots - 1))
    {
      const Node *other = get_node (self, self->slots[slot]);

      if (other->hash == node.hash && other->parent == parent && other->length == node.length
          && memcmp (self->texts->str + other->text, text, node.length) == 0)
        return self->slots[slot];
    }
  *added = TRUE;
  node.text = (guint32) self->texts->len;
  g_string_append_len (self->texts, text, node.length);
  self->slots[slot] = self->nodes->len;
  g_array_append_val (self->nodes, node);
  if (self->nodes->len > self->n_slots / 4 * 3)
    grow_slots (self);
  return self->nodes->len - 1;
}

static char *
make_numbered (const char *name, guint32 number)
{
  gsize stem = ccbt_path_name_get_stem_length (name);

  return g_strdup_printf ("%.*s (%u)%s", (int) stem, name, number, name + stem);
}

/* The first number that makes a new name of @name, which @taken has. A numbered name belongs to one
 * plain name only, and each plain name goes on from its last number: so all searches together are
 * linear in the number of files. */
static char *
claim_numbered (CcbtPathNames *self, guint32 parent, guint32 taken, const char *name,
                guint32 *claimed)
{
  g_autofree char *candidate = NULL;
  gboolean added = FALSE;

  while (!added)
    {
      guint32 number = ++get_node (self, taken)->last_number;

      g_free (candidate);
      candidate = make_numbered (name, number);
      *claimed = find_or_add (self, parent, candidate, &added);
    }
  return g_steal_pointer (&candidate);
}

/* Appends the folder @name of @parent to @path. Returns: its node */
static guint32
enter_folder (CcbtPathNames *self, guint32 parent, const char *name, GString *path)
{
  g_autofree char *numbered = NULL;
  gboolean added;
  guint32 number = find_or_add (self, parent, name, &added);
  guint32 folder = number;

  if (get_node (self, number)->is_file)
    {
      folder = get_node (self, number)->stand_in;
      if (folder != 0)
        numbered = make_numbered (name, get_node (self, number)->stand_in_number);
      else
        {
          numbered = claim_numbered (self, parent, number, name, &folder);
          get_node (self, number)->stand_in = folder;
          get_node (self, number)->stand_in_number = get_node (self, number)->last_number;
        }
    }
  g_string_append (path, numbered != NULL ? numbered : name);
  g_string_append_c (path, '/');
  return folder;
}

static void
add_leaf (CcbtPathNames *self, guint32 parent, const char *name, GString *path)
{
  g_autofree char *numbered = NULL;
  gboolean added;
  guint32 number = find_or_add (self, parent, name, &added);

  if (!added)
    numbered = claim_numbered (self, parent, number, name, &number);
  get_node (self, number)->is_file = 1;
  g_string_append (path, numbered != NULL ? numbered : name);
}

/* Returns: (transfer full): components that fit together, or NULL when @components do */
static char **
shorten_components (char **components)
{
  guint n = g_strv_length (components);
  gsize total = n - 1;
  gsize budget;
  char **shorter;

  for (guint i = 0; i < n; i++)
    total += strlen (components[i]);
  if (total <= CCBT_PATH_MAX_BYTES || n == 1)
    return NULL;
  budget = (CCBT_PATH_MAX_BYTES - MIN (strlen (components[0]), CCBT_PATH_MAX_BYTES)) / (n - 1);
  shorter = g_new0 (char *, n + 1);
  shorter[0] = g_strdup (components[0]);
  for (guint i = 1; i < n; i++)
    shorter[i] = ccbt_path_name_shorten (components[i], MAX (budget, 9) - 1);
  return shorter;
}

char *
ccbt_path_names_add_file (CcbtPathNames *self, char **components)
{
  g_auto (GStrv) shorter = NULL;
  GString *path;
  guint32 folder = 0;

  g_return_val_if_fail (components != NULL && components[0] != NULL, NULL);

  shorter = shorten_components (components);
  if (shorter != NULL)
    components = shorter;
  path = g_string_new (NULL);
  for (; components[1] != NULL; components++)
    folder = enter_folder (self, folder, components[0], path);
  add_leaf (self, folder, components[0], path);
  return g_string_free (path, FALSE);
}
