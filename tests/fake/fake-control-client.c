/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-control-client.h"
#include "base/ccbt-error.h"

struct _CcbtControlClient
{
  int unused;
};

FakeControl fake_control;

void
fake_control_reset (void)
{
  if (fake_control.calls != NULL)
    g_string_free (fake_control.calls, TRUE);
  fake_control = (FakeControl){ .calls = g_string_new (NULL) };
}

CcbtControlClient *
ccbt_control_client_activate (const char *state_dir, GError **error)
{
  if (!fake_control.is_absent)
    {
      fake_control.n_connections++;
      return g_atomic_rc_box_new0 (CcbtControlClient);
    }
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND, "nothing runs");
  return NULL;
}

CcbtControlClient *
ccbt_control_client_connect (const char *state_dir, GError **error)
{
  return ccbt_control_client_activate (state_dir, error);
}

CcbtControlClient *
ccbt_control_client_ref (CcbtControlClient *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ccbt_control_client_unref (CcbtControlClient *self)
{
  g_atomic_rc_box_release (self);
}

gboolean
ccbt_control_client_is_open (CcbtControlClient *self)
{
  return !fake_control.is_absent;
}

void
ccbt_control_client_set_cancellable (CcbtControlClient *self, GCancellable *cancellable)
{
}

GVariant *
ccbt_control_client_call (CcbtControlClient *self, const char *verb, GVariant *arguments,
                          GError **error)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (arguments);
  g_autofree char *text = g_variant_print (kept, FALSE);

  g_string_append_printf (fake_control.calls, "%s %s\n", verb, text);
  if (g_str_equal (verb, "create.start"))
    return g_variant_ref_sink (g_variant_new ("(u)", 3));
  if (g_str_equal (verb, "create.status"))
    return g_variant_ref_sink (g_variant_new_parsed (
        "({'state': <'failed'>, 'error-code': <10>, 'error-text': <'no'>},)"));
  return g_variant_ref_sink (g_variant_new ("()"));
}

GVariant *
ccbt_control_client_list (CcbtControlClient *self, const char *const *fields, guint64 generation,
                          GError **error)
{
  return g_variant_ref_sink (g_variant_new_parsed (
      "(@t 7, true, [{'id': <@u 1>, 'info-hash': <'abcd000000000000000000000000000000000000'>, "
      "'name': <'Debian one'>},"
      "{'id': <@u 2>, 'info-hash': <'abcdef0000000000000000000000000000000000'>, 'name': <'Debian "
      "two'>},"
      "{'id': <@u 5>, 'info-hash': <'1234000000000000000000000000000000000000'>, 'name': "
      "<'Debian'>}], @au [])"));
}

GVariant *
ccbt_control_client_columns (CcbtControlClient *self, const char *const *fields, GError **error)
{
  return g_variant_ref_sink (g_variant_new_parsed (
      "{'id': <[@u 1, 2, 5]>, 'name': <['Debian one', 'Debian two', 'Debian']>}"));
}

GVariant *
ccbt_control_client_details (CcbtControlClient *self, const char *info_hash,
                             const char *const *parts, GError **error)
{
  return g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
}

GVariant *
ccbt_control_client_status (CcbtControlClient *self, GError **error)
{
  return g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
}

GVariant *
ccbt_control_client_events (CcbtControlClient *self, guint64 cursor, const char *const *types,
                            guint timeout_ms, GError **error)
{
  return g_variant_ref_sink (g_variant_new_parsed ("(@t 1, @t 0, @aa{sv} [])"));
}
