/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/ccbt-upnp.h"
#include "base/ccbt-error.h"
#include "base/ccbt-text.h"

#define MAX_DEPTH 32u
#define MAX_ELEMENTS 4000u
#define MAX_TEXT 1024u
#define MAX_ERROR_CHARACTERS 80u

/* --- Reading XML: each element with its text, when it ends --- */

typedef struct
{
  void (*element) (gpointer out, const char *name, const char *text);
  gpointer out;
  guint depth;
  guint n_elements;
  GString *text; /* of the innermost element; long text is cut */
} Reader;

static void
start_cb (GMarkupParseContext *context, const char *name, const char **names, const char **values,
          gpointer data, GError **error)
{
  Reader *reader = data;

  g_string_truncate (reader->text, 0);
  if (++reader->depth > MAX_DEPTH || ++reader->n_elements > MAX_ELEMENTS)
    g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE, "UPnP: XML too deep or too long");
}

static void
end_cb (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Reader *reader = data;
  const char *colon = strchr (name, ':');

  reader->depth--;
  g_strstrip (reader->text->str);
  reader->element (reader->out, colon != NULL ? colon + 1 : name, reader->text->str);
  g_string_truncate (reader->text, 0);
}

static void
text_cb (GMarkupParseContext *context, const char *text, gsize len, gpointer data, GError **error)
{
  Reader *reader = data;

  g_string_append_len (reader->text, text,
                       (gssize) MIN (len, MAX_TEXT - MIN (reader->text->len, MAX_TEXT)));
}

static void
passthrough_cb (GMarkupParseContext *context, const char *text, gsize len, gpointer data,
                GError **error)
{
  if (len >= 2 && text[1] == '!' && !(len >= 4 && text[2] == '-')
      && !(len >= 9 && strncmp (text, "<![CDATA[", 9) == 0))
    g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "UPnP: XML with a document type");
}

/* Names and addresses are ASCII; what is not valid UTF-8 is some device's name in an old charset. */
static char *
to_utf8 (CcbtSpan xml)
{
  char *text = g_strndup ((const char *) xml.data, xml.len);

  if (g_utf8_validate ((const char *) xml.data, (gssize) xml.len, NULL))
    return text;
  for (gsize i = 0; i < xml.len; i++)
    text[i] = xml.data[i] >= 0x80 || xml.data[i] == '\0' ? '?' : (char) xml.data[i];
  return text;
}

static gboolean
read_xml (CcbtSpan xml, void (*element) (gpointer out, const char *name, const char *text),
          gpointer out, GError **error)
{
  static const GMarkupParser parser = { start_cb, end_cb, text_cb, passthrough_cb, NULL };
  g_autoptr (GString) text = g_string_new (NULL);
  Reader reader = { .element = element, .out = out, .text = text };
  g_autoptr (GMarkupParseContext) context
      = g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reader, NULL);
  g_autofree char *utf8 = NULL;
  g_autoptr (GError) problem = NULL;

  if (xml.len > CCBT_UPNP_MAX_SIZE)
    {
      g_set_error (error, CCBT_ERROR, CCBT_ERROR_TOO_LARGE, "UPnP: more than %u bytes",
                   CCBT_UPNP_MAX_SIZE);
      return FALSE;
    }
  utf8 = to_utf8 (xml);
  if (g_markup_parse_context_parse (context, utf8, (gssize) xml.len, &problem)
      && g_markup_parse_context_end_parse (context, &problem))
    return TRUE;
  if (problem->domain == CCBT_ERROR)
    g_propagate_error (error, g_steal_pointer (&problem));
  else
    g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_MALFORMED, "UPnP: broken XML");
  return FALSE;
}

/* --- Description --- */

static const char *const types[CCBT_UPNP_N_KINDS] = {
  [CCBT_UPNP_WAN_IP] = "urn:schemas-upnp-org:service:WANIPConnection:1",
  [CCBT_UPNP_WAN_IP_2] = "urn:schemas-upnp-org:service:WANIPConnection:2",
  [CCBT_UPNP_WAN_PPP] = "urn:schemas-upnp-org:service:WANPPPConnection:1",
  [CCBT_UPNP_IPV6_FIREWALL] = "urn:schemas-upnp-org:service:WANIPv6FirewallControl:1",
};

const char *
ccbt_upnp_kind_get_type (CcbtUpnpKind kind)
{
  return types[kind];
}

typedef struct
{
  CcbtUpnpDescription *out;
  CcbtUpnpService service; /* the one being read */
  gboolean has_kind;
} DescriptionReader;

static void
copy_url (const char *text, char out[CCBT_UPNP_MAX_URL])
{
  *out = '\0';
  if (strlen (text) < CCBT_UPNP_MAX_URL)
    g_strlcpy (out, text, CCBT_UPNP_MAX_URL);
}

static void
end_service (DescriptionReader *reader)
{
  CcbtUpnpDescription *out = reader->out;

  if (reader->has_kind && *reader->service.control != '\0'
      && out->n_services < CCBT_UPNP_MAX_SERVICES)
    out->services[out->n_services++] = reader->service;
  reader->has_kind = FALSE;
  *reader->service.control = '\0';
}

static void
description_element (gpointer data, const char *name, const char *text)
{
  DescriptionReader *reader = data;

  if (strcmp (name, "URLBase") == 0)
    copy_url (text, reader->out->base);
  else if (strcmp (name, "controlURL") == 0)
    copy_url (text, reader->service.control);
  else if (strcmp (name, "service") == 0)
    end_service (reader);
  else if (strcmp (name, "serviceType") == 0)
    for (guint i = 0; i < CCBT_UPNP_N_KINDS; i++)
      if (strcmp (text, types[i]) == 0)
        {
          reader->service.kind = i;
          reader->has_kind = TRUE;
        }
}

gboolean
ccbt_upnp_description_parse (CcbtSpan xml, CcbtUpnpDescription *out, GError **error)
{
  DescriptionReader reader = { .out = out };

  memset (out, 0, sizeof *out);
  if (!read_xml (xml, description_element, &reader, error))
    return FALSE;
  if (out->n_services > 0)
    return TRUE;
  g_set_error_literal (error, CCBT_ERROR, CCBT_ERROR_NOT_FOUND, "UPnP: no way to open ports");
  return FALSE;
}

/* --- Calls --- */

char *
ccbt_upnp_write_call (CcbtUpnpKind kind, const char *action, const CcbtUpnpArgument *arguments)
{
  GString *body
      = g_string_new ("<?xml version=\"1.0\"?>\r\n"
                      "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
                      "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>");

  g_string_append_printf (body, "<u:%s xmlns:u=\"%s\">", action, types[kind]);
  for (; arguments->name != NULL; arguments++)
    {
      g_autofree char *value = g_markup_escape_text (arguments->value, -1);

      g_string_append_printf (body, "<%s>%s</%s>", arguments->name, value, arguments->name);
    }
  g_string_append_printf (body, "</u:%s></s:Body></s:Envelope>\r\n", action);
  return g_string_free (body, FALSE);
}

/* Returns: FALSE, leaving @out alone, when it is no number of that size */
static gboolean
read_number (const char *text, guint max, guint *out)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, max, &number, NULL))
    return FALSE;
  *out = (guint) number;
  return TRUE;
}

static void
reply_element (gpointer data, const char *name, const char *text)
{
  CcbtUpnpReply *out = data;
  guint number = 0;

  if (strcmp (name, "NewExternalIPAddress") == 0)
    out->has_external = ccbt_address_parse_ip (text, 0, &out->external);
  else if (strcmp (name, "NewReservedPort") == 0 && read_number (text, G_MAXUINT16, &number))
    out->reserved_port = (guint16) number;
  else if (strcmp (name, "UniqueID") == 0 && read_number (text, G_MAXUINT16, &number))
    {
      out->has_unique_id = TRUE;
      out->unique_id = (guint16) number;
    }
  else if (strcmp (name, "InboundPinholeAllowed") == 0)
    out->is_inbound_forbidden = strcmp (text, "0") == 0;
  else if (strcmp (name, "Fault") == 0)
    out->is_error = TRUE;
  else if (strcmp (name, "errorCode") == 0)
    read_number (text, 99999, &out->error_code);
  else if (strcmp (name, "errorDescription") == 0)
    {
      g_autofree char *printable
          = ccbt_text_make_printable (ccbt_span_from_string (text), MAX_ERROR_CHARACTERS);

      /* Cut between characters, not within one. */
      if (strlen (printable) >= sizeof out->error_text)
        *g_utf8_find_prev_char (printable, printable + sizeof out->error_text - 1) = '\0';
      g_strlcpy (out->error_text, printable, sizeof out->error_text);
    }
}

gboolean
ccbt_upnp_reply_parse (CcbtSpan xml, CcbtUpnpReply *out, GError **error)
{
  memset (out, 0, sizeof *out);
  return read_xml (xml, reply_element, out, error);
}
