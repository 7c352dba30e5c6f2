/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ccbt-rate-graph.h"
#include <glib/gi18n.h>
#include "ccbt-format.h"

#define LEAST_HEIGHT 160
#define LEAST_WIDTH 240
#define PADDING 6
#define N_LINES 4u
#define LEAST_SCALE 10000.0 /* bytes per second: noise does not fill the graph */

struct _CcbtRateGraph
{
  GtkWidget parent_instance;
  double *down; /* bytes per second; NULL: nothing yet */
  double *up;
  guint n;
  guint step;
};

G_DEFINE_FINAL_TYPE (CcbtRateGraph, ccbt_rate_graph, GTK_TYPE_WIDGET)

static double
find_most (const double *rates, guint n)
{
  double most = 0;

  for (guint i = 0; i < n; i++)
    most = MAX (most, rates[i]);
  return most;
}

/* Seconds from the begin of the oldest slot to now; the slot of now is not among them. */
static gint64
get_span (CcbtRateGraph *self)
{
  return ((gint64) self->n + 1) * self->step;
}

/* A round number that nothing is above. */
static double
choose_scale (CcbtRateGraph *self)
{
  double most = MAX (find_most (self->down, self->n), find_most (self->up, self->n));
  double scale = LEAST_SCALE;
  static const double factors[] = { 2, 2.5, 2 };

  for (guint i = 0; scale < most; i++)
    scale *= factors[i % G_N_ELEMENTS (factors)];
  return scale;
}

/* --- Drawing --- */

static void
draw_text (CcbtRateGraph *self, GtkSnapshot *snapshot, const char *text, double x, double y,
           gboolean at_end)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (self));
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_render_layout (snapshot, context, at_end ? x - width : x, y, layout);
}

static void
trace (cairo_t *cr, const double *rates, guint n, double width, double height, double scale)
{
  for (guint i = 0; i < n; i++)
    {
      double x = n > 1 ? width * i / (n - 1) : width;
      double y = height - height * rates[i] / scale;

      if (i == 0)
        cairo_move_to (cr, x, y);
      else
        cairo_line_to (cr, x, y);
    }
}

static void
draw_series (CcbtRateGraph *self, cairo_t *cr, const double *rates, const GdkRGBA *color,
             double width, double height, double scale)
{
  GdkRGBA faint = *color;

  faint.alpha *= 0.2f;
  gdk_cairo_set_source_rgba (cr, &faint);
  trace (cr, rates, self->n, width, height, scale);
  cairo_line_to (cr, width, height);
  cairo_line_to (cr, 0, height);
  cairo_close_path (cr);
  cairo_fill (cr);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  trace (cr, rates, self->n, width, height, scale);
  cairo_stroke (cr);
}

static void
draw_grid (cairo_t *cr, const GdkRGBA *color, double width, double height)
{
  GdkRGBA faint = *color;

  faint.alpha *= 0.15f;
  gdk_cairo_set_source_rgba (cr, &faint);
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i <= N_LINES; i++)
    {
      double y = (int) (height * i / N_LINES) + 0.5;

      cairo_move_to (cr, 0, y);
      cairo_line_to (cr, width, y);
    }
  cairo_stroke (cr);
}

static GdkRGBA
look_up_color (CcbtRateGraph *self, const char *name)
{
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color;

  if (!gtk_style_context_lookup_color (context, name, &color))
    gtk_style_context_get_color (context, &color);
  return color;
}

static void
draw_curves (CcbtRateGraph *self, GtkSnapshot *snapshot, double width, double height)
{
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, -1, (float) width, (float) height + 2));
  GdkRGBA text = look_up_color (self, "window_fg_color");
  GdkRGBA down = look_up_color (self, "accent_color");
  GdkRGBA up = look_up_color (self, "success_color");
  double scale = choose_scale (self);

  /* Time goes the way text does. */
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    {
      cairo_translate (cr, width, 0);
      cairo_scale (cr, -1, 1);
    }
  draw_grid (cr, &text, width, height);
  draw_series (self, cr, self->up, &up, width, height, scale);
  draw_series (self, cr, self->down, &down, width, height, scale);
  cairo_destroy (cr);
}

static void
ccbt_rate_graph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CcbtRateGraph *self = CCBT_RATE_GRAPH (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  gboolean is_mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  g_autoptr (PangoLayout) probe = gtk_widget_create_pango_layout (widget, "0");
  g_autofree char *most = NULL;
  g_autofree char *begin = NULL;
  int line_height;

  if (self->n == 0 || width < 1 || height < 1)
    return;
  pango_layout_get_pixel_size (probe, NULL, &line_height);
  draw_curves (self, snapshot, width, height - line_height - PADDING);
  most = ccbt_format_rate (choose_scale (self));
  begin = ccbt_format_duration (get_span (self));
  draw_text (self, snapshot, most, is_mirrored ? width - PADDING : PADDING, PADDING / 2.0,
             is_mirrored);
  draw_text (self, snapshot, begin, is_mirrored ? width : 0, height - line_height, is_mirrored);
  draw_text (self, snapshot, _ ("Now"), is_mirrored ? 0 : width, height - line_height,
             !is_mirrored);
}

static void
ccbt_rate_graph_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? LEAST_WIDTH : LEAST_HEIGHT;
  *minimum_baseline = *natural_baseline = -1;
}

static void
ccbt_rate_graph_finalize (GObject *object)
{
  CcbtRateGraph *self = CCBT_RATE_GRAPH (object);

  g_free (self->down);
  g_free (self->up);
  G_OBJECT_CLASS (ccbt_rate_graph_parent_class)->finalize (object);
}

static void
ccbt_rate_graph_class_init (CcbtRateGraphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ccbt_rate_graph_finalize;
  widget_class->snapshot = ccbt_rate_graph_snapshot;
  widget_class->measure = ccbt_rate_graph_measure;
  gtk_widget_class_set_css_name (widget_class, "rate-graph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ccbt_rate_graph_init (CcbtRateGraph *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Rates over time"), -1);
}

/* --- What is shown --- */

static double *
make_rates (const guint64 *bytes, guint n, guint step)
{
  double *rates = g_new (double, n);

  for (guint i = 0; i < n; i++)
    rates[i] = (double) bytes[i] / step;
  return rates;
}

static void
tell (CcbtRateGraph *self)
{
  g_autofree char *span = ccbt_format_duration (get_span (self));
  g_autofree char *down = ccbt_format_rate (find_most (self->down, self->n));
  g_autofree char *up = ccbt_format_rate (find_most (self->up, self->n));
  g_autofree char *text
      /* Translators: a duration, and two rates */
      = g_strdup_printf (_ ("In the last %s: download at most %s, upload at most %s"), span, down,
                         up);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

void
ccbt_rate_graph_set (CcbtRateGraph *self, const guint64 *down, const guint64 *up, guint n,
                     guint step)
{
  g_return_if_fail (CCBT_IS_RATE_GRAPH (self) && step > 0);

  g_free (self->down);
  g_free (self->up);
  self->down = make_rates (down, n, step);
  self->up = make_rates (up, n, step);
  self->n = n;
  self->step = step;
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
