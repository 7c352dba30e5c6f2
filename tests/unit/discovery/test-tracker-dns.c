/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discovery/ccbt-tracker-dns.h"

#include <gio/gio.h>

/* --- Records --- */

/* "U1337 T80 " */
static char *
describe (const char *record)
{
  g_autoptr (GArray) ports = ccbt_tracker_dns_parse (record);
  GString *text = g_string_new (NULL);

  for (guint i = 0; ports != NULL && i < ports->len; i++)
    {
      CcbtTrackerPort port = g_array_index (ports, CcbtTrackerPort, i);

      g_string_append_printf (text, "%c%u ", port.is_udp ? 'U' : 'T', port.port);
    }
  g_string_append (text, ports == NULL ? "none" : "end");
  return g_string_free (text, FALSE);
}

static void
assert_record (const char *record, const char *expected)
{
  g_autofree char *text = describe (record);

  g_assert_cmpstr (text, ==, expected);
}

/* The examples of BEP 34, and what is none. */
static void
test_records (void)
{
  g_autofree char *endless = g_strnfill (100000, 'x');
  g_autoptr (GString) many = g_string_new ("BITTORRENT");
  g_autoptr (GArray) ports = NULL;

  assert_record ("BITTORRENT", "end");
  assert_record ("BITTORRENT DENY ALL", "end");
  assert_record ("BITTORRENT UDP:1337 TCP:80", "U1337 T80 end");
  assert_record ("bittorrent UDP:1337", "none");
  assert_record ("BITTORRENTS", "none");
  assert_record ("v=spf1 -all", "none");
  assert_record ("", "none");
  assert_record (endless, "none");
  assert_record ("BITTORRENT UDP:0 UDP:65536 UDP:-1 UDP: TCP:80x TCP:+80 SCTP:5 UDP:7", "U7 end");
  for (guint i = 1; i <= 100; i++)
    g_string_append_printf (many, " TCP:%u", i);
  ports = ccbt_tracker_dns_parse (many->str);
  g_assert_cmpuint (ports->len, ==, 16);
}

static void
assert_applied (const char *url, const char *record, gboolean can_udp, const char *expected)
{
  g_autoptr (GArray) ports = ccbt_tracker_dns_parse (record);
  g_autofree char *applied = ccbt_tracker_dns_apply (url, ports, can_udp);

  g_assert_cmpstr (applied, ==, expected);
}

static void
test_urls (void)
{
  const char *both = "BITTORRENT UDP:1337 TCP:80";

  assert_applied ("http://t.example/announce?k=%26", "BITTORRENT DENY ALL", TRUE, NULL);
  assert_applied ("http://t.example/announce?k=%26", both, TRUE, "http://t.example/announce?k=%26");
  assert_applied ("http://t.example:81/announce?k=%26", both, TRUE,
                  "udp://t.example:1337/announce?k=%26");
  assert_applied ("http://t.example:81/announce", both, FALSE, "http://t.example:80/announce");
  assert_applied ("https://t.example/announce", "BITTORRENT TCP:444", TRUE,
                  "https://t.example:444/announce");
  assert_applied ("https://t.example/announce", "BITTORRENT TCP:443", TRUE,
                  "https://t.example/announce");
  assert_applied ("udp://t.example:9", "BITTORRENT TCP:8080", TRUE, "http://t.example:8080");
  assert_applied ("udp://t.example:1337/a", both, TRUE, "udp://t.example:1337/a");
  assert_applied ("http://t.example/a", "BITTORRENT UDP:5", FALSE, NULL);
}

static void
test_whom_to_ask (void)
{
  g_assert_true (ccbt_tracker_dns_can_ask ("tracker.example.org"));
  g_assert_false (ccbt_tracker_dns_can_ask ("192.0.2.1"));
  g_assert_false (ccbt_tracker_dns_can_ask ("2001:db8::1"));
  g_assert_false (ccbt_tracker_dns_can_ask ("localhost"));
  g_assert_false (ccbt_tracker_dns_can_ask ("nas.local"));
  g_assert_false (ccbt_tracker_dns_can_ask ("x.onion"));
  g_assert_false (ccbt_tracker_dns_can_ask (""));
}

/* --- Asking --- */

typedef struct
{
  GResolver parent_instance;
  guint n_asked;
} TextResolver;

typedef GResolverClass TextResolverClass;

static GType text_resolver_get_type (void);
G_DEFINE_TYPE (TextResolver, text_resolver, G_TYPE_RESOLVER)

static gboolean
give_up_cb (GCancellable *cancellable, gpointer task)
{
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* "silent.example" is never answered; the others have two records. */
static void
text_lookup_async (GResolver *resolver, const char *name, GResolverRecordType type,
                   GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, data);
  const char *first[] = { "v=spf1", NULL };
  const char *second[] = { "BITTORRENT", "UDP:5", NULL };
  GList *records = NULL;

  ((TextResolver *) resolver)->n_asked++;
  g_assert_cmpint (type, ==, G_RESOLVER_RECORD_TXT);
  if (g_str_equal (name, "silent.example"))
    {
      g_autoptr (GSource) source = g_cancellable_source_new (cancellable);

      g_task_attach_source (task, source, G_SOURCE_FUNC (give_up_cb));
      return;
    }
  records = g_list_append (records, g_variant_ref_sink (g_variant_new ("(^as)", first)));
  records = g_list_append (records, g_variant_ref_sink (g_variant_new ("(^as)", second)));
  g_task_return_pointer (task, records, NULL);
}

static GList *
text_lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
text_resolver_init (TextResolver *self)
{
}

static void
text_resolver_class_init (TextResolverClass *klass)
{
  klass->lookup_records_async = text_lookup_async;
  klass->lookup_records_finish = text_lookup_finish;
}

typedef struct
{
  guint n_answers;
  guint n_with_ports;
} Answers;

static void
answered_cb (gpointer data, gconstpointer value)
{
  Answers *answers = data;

  answers->n_answers++;
  answers->n_with_ports += value != NULL ? 1 : 0;
}

static void
wait_for (guint *count, guint n)
{
  while (*count < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_one_question_for_many (void)
{
  TextResolver *resolver = (TextResolver *) g_resolver_get_default ();
  CcbtFakeClock clock;
  CcbtLookupCache *cache;
  Answers answers = { 0 }, nobody = { 0 };
  gconstpointer value = NULL;
  guint before = resolver->n_asked;

  ccbt_fake_clock_init (&clock, 1000 * CCBT_SECOND);
  cache = ccbt_tracker_dns_new (&clock.parent);
  for (guint i = 0; i < 10; i++)
    g_assert_false (ccbt_lookup_cache_get (cache, "t.example", &value, answered_cb, &answers));
  g_assert_false (ccbt_lookup_cache_get (cache, "t.example", &value, answered_cb, &nobody));
  ccbt_lookup_cache_forget (cache, &nobody);
  wait_for (&answers.n_answers, 10);
  g_assert_cmpuint (answers.n_with_ports, ==, 10);
  g_assert_true (ccbt_lookup_cache_get (cache, "t.example", &value, answered_cb, &answers));
  g_assert_nonnull (value);
  g_assert_cmpuint (resolver->n_asked - before, ==, 1);
  ccbt_fake_clock_advance (&clock, 3600 * CCBT_SECOND);
  g_assert_false (ccbt_lookup_cache_get (cache, "t.example", &value, answered_cb, &answers));
  wait_for (&answers.n_answers, 11);
  g_assert_cmpuint (nobody.n_answers, ==, 0);
  ccbt_lookup_cache_close (cache);
  ccbt_lookup_cache_unref (cache);
  g_object_unref (resolver);
}

static void
test_silence_takes_a_second (void)
{
  CcbtFakeClock clock;
  CcbtLookupCache *cache;
  Answers answers = { 0 };
  gconstpointer value;
  gint64 begin = g_get_monotonic_time ();

  ccbt_fake_clock_init (&clock, 1000 * CCBT_SECOND);
  cache = ccbt_tracker_dns_new (&clock.parent);
  g_assert_false (ccbt_lookup_cache_get (cache, "silent.example", &value, answered_cb, &answers));
  wait_for (&answers.n_answers, 1);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 2 * G_USEC_PER_SEC);
  g_assert_cmpuint (answers.n_with_ports, ==, 0);
  g_assert_true (ccbt_lookup_cache_get (cache, "silent.example", &value, answered_cb, &answers));
  ccbt_lookup_cache_close (cache);
  ccbt_lookup_cache_unref (cache);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char **argv)
{
  g_autoptr (GResolver) resolver = NULL;

  g_test_init (&argc, &argv, NULL);
  resolver = g_object_new (text_resolver_get_type (), NULL);
  g_resolver_set_default (resolver);
  g_test_add_func ("/tracker-dns/records", test_records);
  g_test_add_func ("/tracker-dns/urls", test_urls);
  g_test_add_func ("/tracker-dns/whom-to-ask", test_whom_to_ask);
  g_test_add_func ("/tracker-dns/one-question", test_one_question_for_many);
  g_test_add_func ("/tracker-dns/silence", test_silence_takes_a_second);
  return g_test_run ();
}
