/* YAML by libfyaml.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <libfyaml.h>
#include <string.h>
#include <unistd.h>

#include "coatscope/error.h"

/* ---- Reading ----------------------------------------------------------- */

static bool
fail_syntax(const char *name, struct fy_diag *diag, GError **error)
{
    void *at = NULL;
    struct fy_diag_error *first = fy_diag_errors_iterate(diag, &at);

    if (first == NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT, "%s is not YAML", name);
    return cs_fail(error, CS_ERROR_ARGUMENT, "%s, line %d: %s", name,
                   first->line, first->msg);
}

static bool
check_bytes(const char *text, size_t n, const char *name, GError **error)
{
    if (n > CS_YAML_MAX_BYTES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "%s has more than the %" G_GSIZE_FORMAT
                       " bytes allowed for YAML", name, CS_YAML_MAX_BYTES);
    if (!g_utf8_validate(text, (gssize) n, NULL)) /* refuses NUL, too */
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s is not text in UTF-8", name);
    return true;
}

/* A library does not print. */
static void
ignore(struct fy_diag *diag, void *user, const char *text, size_t n)
{
    (void) diag;
    (void) user;
    (void) text;
    (void) n;
}

static struct fy_diag *
make_diag(void)
{
    struct fy_diag_cfg config;
    struct fy_diag *diag;

    fy_diag_cfg_default(&config);
    config.fp = NULL;
    config.output_fn = ignore;
    diag = fy_diag_create(&config);
    fy_diag_set_collect_errors(diag, true);
    return diag;
}

bool
cs_yaml_parse(const char *text, size_t n, const char *name, CsYaml *yaml,
              GError **error)
{
    struct fy_parse_cfg config
        = { .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG };
    g_autofree char *copy = NULL;
    struct fy_document *document;

    if (!check_bytes(text, n, name, error))
        return false;
    config.diag = make_diag();
    copy = g_strndup(text, n);
    document = fy_document_build_from_string(&config, copy, n);
    if (document == NULL || fy_document_root(document) == NULL) {
        fail_syntax(name, config.diag, error);
        if (document != NULL)
            fy_document_destroy(document);
        fy_diag_destroy(config.diag);
        return false;
    }
    fy_diag_destroy(config.diag);
    cs_yaml_clear(yaml);
    *yaml = (CsYaml) { g_strdup(name), g_steal_pointer(&copy), document,
                       fy_document_root(document) };
    return true;
}

/* At most one byte more than is allowed, whatever the path leads to; a FIFO
 * without a writer gives no bytes instead of a wait. */
static bool
read_bounded(const char *path, GString *text, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char chunk[4096];
    ssize_t n = fd < 0 ? -1 : 0;

    while (fd >= 0 && text->len <= CS_YAML_MAX_BYTES
           && ((n = read(fd, chunk, sizeof chunk)) > 0
               || (n < 0 && errno == EINTR)))
        if (n > 0)
            g_string_append_len(text, chunk, n);
    if (n < 0)
        cs_fail(error, CS_ERROR_IO, "cannot read %s: %s", path,
                g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return n >= 0;
}

bool
cs_yaml_read(const char *path, CsYaml *yaml, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    return read_bounded(path, text, error)
           && cs_yaml_parse(text->str, text->len, path, yaml, error);
}

void
cs_yaml_clear(CsYaml *yaml)
{
    if (yaml->document != NULL)
        fy_document_destroy(yaml->document);
    g_free(yaml->text);
    g_free(yaml->name);
    *yaml = (CsYaml) CS_YAML_INIT;
}

/* ---- Nodes ------------------------------------------------------------- */

const char *
cs_yaml_scalar(struct fy_node *node)
{
    const char *text;
    size_t n = 0;

    if (node == NULL || !fy_node_is_scalar(node) || fy_node_is_alias(node))
        return NULL;
    text = fy_node_get_scalar0(node);
    if (text == NULL || fy_node_get_scalar(node, &n) == NULL)
        return NULL;
    return strlen(text) == n ? text : NULL;
}

/* libfyaml bounds how deep maps and lists can be. */
int
cs_yaml_line(struct fy_node *node)
{
    struct fy_node_pair *pair;
    struct fy_token *token;
    void *at = NULL;

    while (node != NULL && !fy_node_is_scalar(node)) {
        at = NULL;
        if (fy_node_is_mapping(node)) {
            pair = fy_node_mapping_iterate(node, &at);
            node = pair != NULL ? fy_node_pair_key(pair) : NULL;
        } else {
            node = fy_node_sequence_iterate(node, &at);
        }
    }
    token = node != NULL ? fy_node_get_scalar_token(node) : NULL;
    return token != NULL && fy_token_start_mark(token) != NULL
               ? fy_token_start_mark(token)->line + 1
               : 0;
}

bool
cs_yaml_fail(const CsYaml *yaml, struct fy_node *node, GError **error,
             const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;
    int line = cs_yaml_line(node);

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    if (line == 0)
        return cs_fail(error, CS_ERROR_ARGUMENT, "%s: %s", yaml->name, text);
    return cs_fail(error, CS_ERROR_ARGUMENT, "%s, line %d: %s", yaml->name,
                   line, text);
}
