/*
 * xml.c - the walk over XML; see xml.h.
 */
#include "format/xml.h"

#include "base/utf8.h"
#include "format/text.h"
#include <expat.h>
#include <string.h>

enum { MAX_DEPTH = 256, CHUNK_BYTES = 1 << 20, SNIFFED_BYTES = 4096 };
static const size_t MAX_TEXT_BYTES = (size_t)64 << 20;

struct walk {
    struct tf_reader *reader;
    const struct tf_xml_handler *handler;
    XML_Parser parser;
    struct tf_buf text;
    int depth;
    enum tf_status status; /* why the walk was stopped */
    const char *message;   /* of a refusal of our own; NULL: the handler has noted it */
};

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static void stop(struct walk *w, enum tf_status status, const char *message)
{
    w->status = status;
    w->message = message;
    XML_StopParser(w->parser, XML_FALSE);
}

static void set_line(struct walk *w)
{
    w->reader->line = (size_t)XML_GetCurrentLineNumber(w->parser);
}

static void XMLCALL on_start(void *ctx, const char *name, const char **attributes)
{
    struct walk *w = ctx;
    if (w->status)
        return;
    set_line(w);
    tf_buf_clear(&w->text);
    if (++w->depth > MAX_DEPTH) {
        stop(w, TF_LIMIT, TF_TEXT("The elements are nested more than 256 deep."));
        return;
    }
    enum tf_status rc = w->handler->start(w->handler->ctx, local_name(name), attributes);
    if (rc)
        stop(w, rc, NULL);
}

static void XMLCALL on_end(void *ctx, const char *name)
{
    struct walk *w = ctx;
    if (w->status)
        return;
    set_line(w);
    w->depth--;
    enum tf_status rc = tf_buf_status(&w->text);
    if (rc) {
        stop(w, rc, TF_TEXT("An element holds more text than is supported."));
        return;
    }
    rc = w->handler->end(w->handler->ctx, local_name(name), w->text.data ? w->text.data : "",
                         w->text.len);
    tf_buf_clear(&w->text);
    if (rc)
        stop(w, rc, NULL);
}

static void XMLCALL on_text(void *ctx, const char *text, int len)
{
    struct walk *w = ctx;
    if (!w->status)
        tf_buf_append(&w->text, text, (size_t)len);
}

static void XMLCALL on_doctype(void *ctx, const char *name, const char *system_id,
                               const char *public_id, int has_subset)
{
    struct walk *w = ctx;
    (void)name, (void)system_id, (void)public_id, (void)has_subset;
    set_line(w);
    stop(w, TF_UNSUPPORTED,
         TF_TEXT("The file has a document type declaration (<!DOCTYPE>). Remove it."));
}

static void feed(struct walk *w)
{
    const char *p = w->reader->bytes;
    size_t left = w->reader->len;
    enum XML_Status status;
    do {
        int len = left < CHUNK_BYTES ? (int)left : CHUNK_BYTES;
        left -= (size_t)len;
        status = XML_Parse(w->parser, p, len, left == 0);
        p += len;
    } while (status == XML_STATUS_OK && left > 0);
}

/* What expat or we ourselves have to say at the end. */
static enum tf_status outcome(struct walk *w)
{
    struct tf_fault fault;
    enum XML_Error error = XML_GetErrorCode(w->parser);
    if (w->status && !w->message)
        return w->status;
    if (w->status) {
        tf_fault_set(&fault, w->status, TF_NO_INDEX, "", w->message, NULL, NULL, NULL);
    } else if (error == XML_ERROR_NONE) {
        return TF_OK;
    } else {
        set_line(w);
        tf_fault_set(&fault, error == XML_ERROR_NO_MEMORY ? TF_NOMEM : TF_SYNTAX, TF_NO_INDEX, "",
                     TF_TEXT("The XML is not well-formed: %1. Repair or export it again."),
                     XML_ErrorString(error), NULL, NULL);
    }
    return tf_reader_reject(w->reader, &fault);
}

static enum tf_status no_memory(struct tf_reader *reader)
{
    struct tf_fault fault;
    tf_fault_set(&fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    return tf_reader_reject(reader, &fault);
}

enum tf_status tf_xml_walk(struct tf_reader *reader, const struct tf_xml_handler *handler)
{
    struct walk w = {.reader = reader, .handler = handler, .text = TF_BUF_INIT(MAX_TEXT_BYTES)};
    w.parser = XML_ParserCreate(NULL);
    if (!w.parser)
        return no_memory(reader);
    XML_SetUserData(w.parser, &w);
    XML_SetElementHandler(w.parser, on_start, on_end);
    XML_SetCharacterDataHandler(w.parser, on_text);
    XML_SetStartDoctypeDeclHandler(w.parser, on_doctype);
    feed(&w);
    enum tf_status rc = outcome(&w);
    XML_ParserFree(w.parser);
    tf_buf_release(&w.text);
    return rc;
}

bool tf_xml_sniff(const char *bytes, size_t len, const char *word)
{
    struct tf_span s = tf_span_trim((struct tf_span){bytes, bytes + len});
    s.at += tf_utf8_mark(s.at, tf_span_len(s));
    if (s.at == s.end || *s.at != '<')
        return false;
    if (tf_span_len(s) > SNIFFED_BYTES)
        s.end = s.at + SNIFFED_BYTES;
    for (; s.at < s.end; s.at++)
        if (tf_span_begins(s, word))
            return true;
    return false;
}

const char *tf_xml_attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(local_name(attributes[0]), name) == 0)
            return attributes[1];
    return NULL;
}
