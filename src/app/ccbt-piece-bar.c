/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-piece-bar.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include "ccbt-piece-text.h"

#define LEAST_WIDTH 120
#define UPPER 18 /* pixels: what is there */
#define GAP 2
#define LOWER 8      /* what others have */
#define ENOUGH 5     /* connected peers: more are drawn like these */
#define LEAST_SEEN 2 /* pixels: what is there at all can be seen */

struct _CcbtPieceBar
{
  GtkWidget parent_instance;
  CcbtTorrentDetails *details; /* NULL: nothing to show */
  GtkWidget *
      told; /* a progress bar that is not drawn: of ours the toolkit would not tell the value (GTK 4.8) */
};

G_DEFINE_FINAL_TYPE (CcbtPieceBar, ccbt_piece_bar, GTK_TYPE_WIDGET)

static const CcbtPieceSummary *
get_summary (CcbtPieceBar *self)
{
  return self->details != NULL ? self->details->summary : NULL;
}

/* As many as there are stretches, as long as each can have a pixel. */
static guint
count_columns (CcbtPieceBar *self)
{
  const CcbtPieceSummary *summary = get_summary (self);
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  return summary != NULL ? MIN ((guint) MAX (width, 0), summary->n_stretches) : 0;
}

/* --- Drawing --- */

/* A bar of one colour in a column, between heights counted from the top. */
typedef struct
{
  const GdkRGBA *color; /* NULL: none */
  int top;
  int bottom;
} Bar;

/* What is the same in neighbouring columns is drawn at once. */
typedef struct
{
  CcbtPieceBar *bar;
  GtkSnapshot *snapshot;
  guint n_columns;
  guint begin; /* column of @current */
  Bar current;
} Run;

static int
get_x (const Run *run, guint column)
{
  return (int) ((guint64) column * (guint) gtk_widget_get_width (GTK_WIDGET (run->bar))
                / run->n_columns);
}

static void
end_run (Run *run, guint column)
{
  int width = gtk_widget_get_width (GTK_WIDGET (run->bar));
  int left = get_x (run, run->begin), right = get_x (run, column);

  if (run->current.color == NULL || run->current.bottom <= run->current.top || right <= left)
    return;
  /* Pieces follow each other the way text does. */
  if (gtk_widget_get_direction (GTK_WIDGET (run->bar)) == GTK_TEXT_DIR_RTL)
    left = width - right;
  gtk_snapshot_append_color (
      run->snapshot, run->current.color,
      &GRAPHENE_RECT_INIT ((float) left, (float) run->current.top,
                           (float) (right - get_x (run, run->begin)),
                           (float) (run->current.bottom - run->current.top)));
}

static void
add_bar (Run *run, guint column, Bar bar)
{
  if (bar.color == run->current.color && bar.top == run->current.top
      && bar.bottom == run->current.bottom)
    return;
  end_run (run, column);
  run->begin = column;
  run->current = bar;
}

static int
get_height (guint8 share)
{
  return share > 0 ? MAX (share * UPPER / 255, LEAST_SEEN) : 0;
}

typedef struct
{
  GdkRGBA had;
  GdkRGBA begun;
  GdkRGBA nowhere;
  GdkRGBA others;
  GdkRGBA trough;
  gboolean knows_others;
} Look;

static Bar
draw_had (const CcbtPieceStretch *column, const Look *look)
{
  return (Bar){ &look->had, UPPER - get_height (column->had), UPPER };
}

/* On top of what is there. */
static Bar
draw_begun (const CcbtPieceStretch *column, const Look *look)
{
  int bottom = UPPER - get_height (column->had);
  int height = get_height (column->begun);

  bottom = MAX (bottom, height);
  return (Bar){ height > 0 ? &look->begun : NULL, bottom - height, bottom };
}

/* Height tells it too, for those who cannot tell the colours apart. */
static Bar
draw_others (const CcbtPieceStretch *column, const Look *look)
{
  const int bottom = UPPER + GAP + LOWER;

  if (column->missing == 0 || !look->knows_others)
    return (Bar){ NULL, 0, 0 };
  if (column->least == 0)
    return (Bar){ &look->nowhere, bottom - LOWER, bottom };
  return (Bar){ &look->others, bottom - 1 - MIN (column->least, ENOUGH), bottom };
}

static void
draw_all (CcbtPieceBar *self, GtkSnapshot *snapshot, const CcbtPieceStretch *columns, guint n,
          const Look *look, Bar (*draw) (const CcbtPieceStretch *column, const Look *look))
{
  Run run = { .bar = self, .snapshot = snapshot, .n_columns = n };

  for (guint i = 0; i < n; i++)
    add_bar (&run, i, draw (&columns[i], look));
  end_run (&run, n);
}

static GdkRGBA
look_up_color (CcbtPieceBar *self, const char *name, float alpha)
{
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color;

  if (!gtk_style_context_lookup_color (context, name, &color))
    gtk_style_context_get_color (context, &color);
  color.alpha *= alpha;
  return color;
}

static void
draw_trough (CcbtPieceBar *self, GtkSnapshot *snapshot, const Look *look, gboolean has_border)
{
  const float width = (float) gtk_widget_get_width (GTK_WIDGET (self));
  GskRoundedRect outline;

  gtk_snapshot_append_color (snapshot, &look->trough, &GRAPHENE_RECT_INIT (0, 0, width, UPPER));
  if (!has_border)
    return;
  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (0, 0, width, UPPER), 0);
  gtk_snapshot_append_border (
      snapshot, &outline, (float[]){ 1, 1, 1, 1 },
      (GdkRGBA[]){ look->others, look->others, look->others, look->others });
}

static void
ccbt_piece_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CcbtPieceBar *self = CCBT_PIECE_BAR (widget);
  const CcbtPieceSummary *summary = get_summary (self);
  const gboolean is_strong = adw_style_manager_get_high_contrast (adw_style_manager_get_default ());
  const guint n = count_columns (self);
  const Look look = { .had = look_up_color (self, "accent_bg_color", 1),
                      .begun = look_up_color (self, "warning_color", 1),
                      .nowhere = look_up_color (self, "error_color", 1),
                      .others = look_up_color (self, "window_fg_color", is_strong ? 0.9f : 0.5f),
                      .trough = look_up_color (self, "window_fg_color", is_strong ? 0.2f : 0.1f),
                      .knows_others = summary != NULL && summary->n_peers > 0 };
  g_autofree CcbtPieceStretch *columns = NULL;

  draw_trough (self, snapshot, &look, is_strong);
  if (n == 0)
    return;
  columns = g_new (CcbtPieceStretch, n);
  ccbt_piece_columns_make (summary, n, columns);
  draw_all (self, snapshot, columns, n, &look, draw_had);
  draw_all (self, snapshot, columns, n, &look, draw_begun);
  draw_all (self, snapshot, columns, n, &look, draw_others);
}

static void
ccbt_piece_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural
      = orientation == GTK_ORIENTATION_HORIZONTAL ? LEAST_WIDTH : UPPER + GAP + LOWER;
  *minimum_baseline = *natural_baseline = -1;
}

static void
ccbt_piece_bar_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_allocate (CCBT_PIECE_BAR (widget)->told, width, height, baseline, NULL);
}

static gboolean
ccbt_piece_bar_query_tooltip (GtkWidget *widget, int x, int y, gboolean by_keyboard,
                              GtkTooltip *tooltip)
{
  CcbtPieceBar *self = CCBT_PIECE_BAR (widget);
  const guint n = count_columns (self);
  const int width = gtk_widget_get_width (widget);
  g_autofree char *text = NULL;

  if (n == 0 || by_keyboard)
    return FALSE;
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    x = width - 1 - x;
  x = CLAMP (x, 0, width - 1);
  /* The last column that does not begin behind x, as they are drawn. */
  text = ccbt_piece_text_format_column (get_summary (self), n,
                                        (guint) ((((guint64) x + 1) * n - 1) / (guint) width));
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
ccbt_piece_bar_dispose (GObject *object)
{
  g_clear_pointer (&CCBT_PIECE_BAR (object)->told, gtk_widget_unparent);
  G_OBJECT_CLASS (ccbt_piece_bar_parent_class)->dispose (object);
}

static void
ccbt_piece_bar_finalize (GObject *object)
{
  g_clear_pointer (&CCBT_PIECE_BAR (object)->details, ccbt_torrent_details_unref);
  G_OBJECT_CLASS (ccbt_piece_bar_parent_class)->finalize (object);
}

static void
ccbt_piece_bar_class_init (CcbtPieceBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ccbt_piece_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = ccbt_piece_bar_finalize;
  widget_class->snapshot = ccbt_piece_bar_snapshot;
  widget_class->measure = ccbt_piece_bar_measure;
  widget_class->size_allocate = ccbt_piece_bar_size_allocate;
  widget_class->query_tooltip = ccbt_piece_bar_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "piece-bar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
ccbt_piece_bar_init (CcbtPieceBar *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  self->told = gtk_progress_bar_new ();
  gtk_widget_set_can_target (self->told, FALSE);
  gtk_widget_set_parent (self->told, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->told), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Pieces"), -1);
}

/* --- What is shown --- */

static void
tell (CcbtPieceBar *self, const CcbtPieceSummary *summary)
{
  g_autofree char *text = ccbt_piece_text_format (summary);

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->told),
                                 (double) summary->n_had / summary->n_pieces);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->told), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text, -1);
}

void
ccbt_piece_bar_set (CcbtPieceBar *self, CcbtTorrentDetails *details)
{
  g_return_if_fail (CCBT_IS_PIECE_BAR (self));

  g_clear_pointer (&self->details, ccbt_torrent_details_unref);
  if (details != NULL)
    self->details = ccbt_torrent_details_ref (details);
  if (get_summary (self) != NULL)
    tell (self, get_summary (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
