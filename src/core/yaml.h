/* YAML in: one bounded document, complaints with file and line.
 *
 * Aliases are not followed, so that no small file can grow; libfyaml itself
 * refuses maps and lists nested deeper than 64 and keys given twice.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct fy_node;
struct fy_document;

typedef struct {
    char               *name; /* of the file, for messages                  */
    char               *text; /* what the document points into              */
    struct fy_document *document;
    struct fy_node     *root; /* in the document                            */
} CsYaml;

#define CS_YAML_INIT { 0 }

/* No document has more bytes than this. */
#define CS_YAML_MAX_BYTES ((size_t) 1 << 20)

/* Reads a file. Errors: CS_ERROR_IO; CS_ERROR_ARGUMENT with file and line
 * where it is not YAML; CS_ERROR_LIMIT where it is too large. */
bool cs_yaml_read(const char *path, CsYaml *yaml, GError **error);

/* The same for text in memory; name is for messages. */
bool cs_yaml_parse(const char *text, size_t n, const char *name, CsYaml *yaml,
                   GError **error);

/* The text of a scalar, lent; NULL where the node is none, is an alias or
 * holds a NUL byte. */
const char *cs_yaml_scalar(struct fy_node *node);

/* The line of a node, from 1; 0 where it has none. A map or list is where its
 * first entry is. */
int cs_yaml_line(struct fy_node *node);

/* Fails with CS_ERROR_ARGUMENT and "FILE, line N: …"; always false. */
bool cs_yaml_fail(const CsYaml *yaml, struct fy_node *node, GError **error,
                  const char *format, ...) G_GNUC_PRINTF(4, 5);

void cs_yaml_clear(CsYaml *yaml);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsYaml, cs_yaml_clear)
