/*
 * xml.h - reading hostile XML: a walk over elements, on expat.
 *
 * No document type and no entities of its own, at most 256 levels deep, namespace
 * prefixes cut off ("gx:Track" is "Track").
 */
#ifndef TF_FORMAT_XML_H
#define TF_FORMAT_XML_H

#include "format/format.h"

/* Anything but TF_OK ends the walk with that status; the callee has noted why. */
struct tf_xml_handler {
    void *ctx;
    /* attributes: name, value, ..., NULL. */
    enum tf_status (*start)(void *ctx, const char *name, const char **attributes);
    /* text: what stands between the last tag and this one; its own for a leaf. Terminated,
     * valid for the call. */
    enum tf_status (*end)(void *ctx, const char *name, const char *text, size_t len);
};
/*
 * Walks the reader's bytes, reader->line following. Bad XML is noted through
 * tf_reader_reject (so with keep_going what came before stands).
 */
enum tf_status tf_xml_walk(struct tf_reader *reader, const struct tf_xml_handler *handler);
/* For detection: whether a text that begins like XML has `word` in its first 4,096 bytes. */
bool tf_xml_sniff(const char *bytes, size_t len, const char *word);
/* The value of an attribute, NULL if it is absent. */
const char *tf_xml_attribute(const char **attributes, const char *name);

#endif
