/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http-fixture.h"

#include <glib/gstdio.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define DAY (24 * 3600L)

static char *authorities; /* path of a PEM file; read when first needed */

static void
add_alternative_name (X509 *certificate, const char *name)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, NID_subject_alt_name, name);

  g_assert_nonnull (extension);
  X509_add_ext (certificate, extension, -1);
  X509_EXTENSION_free (extension);
}

static X509 *
sign_certificate (EVP_PKEY *key, const char *name, long valid_from)
{
  X509 *certificate = X509_new ();
  X509_NAME *subject = X509_get_subject_name (certificate);

  X509_set_version (certificate, 2);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), valid_from);
  X509_gmtime_adj (X509_getm_notAfter (certificate), valid_from + 10 * DAY);
  X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC, (const guint8 *) "test", -1, -1, 0);
  X509_set_issuer_name (certificate, subject);
  X509_set_pubkey (certificate, key);
  add_alternative_name (certificate, name);
  g_assert_cmpint (X509_sign (certificate, key, EVP_sha256 ()), >, 0);
  return certificate;
}

/* Self-signed, for @name ("IP:127.0.0.1"), for 10 days from @valid_from seconds from now.
 * Returns: (transfer full) */
static GTlsCertificate *
make_certificate (const char *name, long valid_from)
{
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *certificate = sign_certificate (key, name, valid_from);
  BIO *memory = BIO_new (BIO_s_mem ());
  g_autoptr (GError) error = NULL;
  GTlsCertificate *result;
  char *pem;
  long size;

  PEM_write_bio_PKCS8PrivateKey (memory, key, NULL, NULL, 0, NULL, NULL);
  PEM_write_bio_X509 (memory, certificate);
  size = BIO_get_mem_data (memory, &pem);
  result = g_tls_certificate_new_from_pem (pem, size, &error);
  g_assert_no_error (error);
  BIO_free (memory);
  X509_free (certificate);
  EVP_PKEY_free (key);
  return result;
}

/* From now on @certificate is what every authority would have signed. */
static void
trust (GTlsCertificate *certificate)
{
  g_autofree char *pem = NULL;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  g_object_get (certificate, "certificate-pem", &pem, NULL);
  g_assert_true (g_file_set_contents (authorities, pem, -1, NULL));
  database = g_tls_file_database_new (authorities, &error);
  g_assert_no_error (error);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
}

static gboolean
answer_hello (RawServer *server, GOutputStream *out, const char *head)
{
  return raw_reply (out, "200 OK", NULL, "hello", 5);
}

static void
set_up (HttpFixture *fixture, gconstpointer data)
{
  http_fixture_init (fixture);
  fixture->is_from_user = TRUE; /* not even then */
  fixture->server = raw_server_new ("127.0.0.1", answer_hello, NULL);
}

static void
tear_down (HttpFixture *fixture, gconstpointer data)
{
  http_fixture_clear (fixture);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), NULL);
  g_remove (authorities);
}

static void
assert_refused (HttpFixture *fixture, const char *reason)
{
  http_get_path (fixture, "/announce?passkey=secret");
  g_assert_error (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED);
  g_assert_nonnull (strstr (fixture->error->message, reason));
  g_assert_cmpuint (raw_server_count (fixture->server), ==, 0); /* nothing was told to it */
}

static void
test_trusted_is_taken (HttpFixture *fixture, gconstpointer data)
{
  fixture->server->certificate = make_certificate ("IP:127.0.0.1", -DAY);
  trust (fixture->server->certificate);
  http_get_path (fixture, "/");
  http_assert_body (fixture, "hello");
}

static void
test_self_signed_is_refused (HttpFixture *fixture, gconstpointer data)
{
  fixture->server->certificate = make_certificate ("IP:127.0.0.1", -DAY);
  assert_refused (fixture, "not signed by a known authority");
}

static void
test_wrong_host_is_refused (HttpFixture *fixture, gconstpointer data)
{
  fixture->server->certificate = make_certificate ("DNS:tracker.example", -DAY);
  trust (fixture->server->certificate);
  assert_refused (fixture, "for another host");
}

static void
test_expired_is_refused (HttpFixture *fixture, gconstpointer data)
{
  fixture->server->certificate = make_certificate ("IP:127.0.0.1", -20 * DAY);
  trust (fixture->server->certificate);
  assert_refused (fixture, "out of date");
}

static void
test_no_tls_at_all_is_no_certificate (HttpFixture *fixture, gconstpointer data)
{
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/", fixture->server->port);

  fixture->timeout = 2; /* it waits for a request that never gets its empty line */
  http_get (fixture, url);
  g_assert_nonnull (fixture->error);
  g_assert_false (g_error_matches (fixture->error, CCBT_ERROR, CCBT_ERROR_REFUSED));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/http-tls/" name, HttpFixture, NULL, set_up, function, tear_down)

static void
test_tls_is_there (void)
{
  g_assert_true (g_tls_backend_supports_tls (g_tls_backend_get_default ()));
}

/* GIO's workers keep errors in thread storage that LeakSanitizer cannot read at exit: what it reports
 * of them is not leaked, or it stumbles itself. The other checks stay. */
int __lsan_is_turned_off (void);

int
__lsan_is_turned_off (void)
{
  return 1;
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("ccbt-tls-XXXXXX", NULL);
  int result;

  g_test_init (&argc, &argv, NULL);
  authorities = g_build_filename (folder, "authorities.pem", NULL);
  g_test_add_func ("/http-tls/is-there", test_tls_is_there); /* glib-networking, a dependency */
  ADD ("trusted-is-taken", test_trusted_is_taken);
  ADD ("self-signed-is-refused", test_self_signed_is_refused);
  ADD ("wrong-host-is-refused", test_wrong_host_is_refused);
  ADD ("expired-is-refused", test_expired_is_refused);
  ADD ("no-tls-at-all", test_no_tls_at_all_is_no_certificate);
  result = g_test_run ();
  g_rmdir (folder);
  g_free (authorities);
  return result;
}
