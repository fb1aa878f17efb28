/* Protocols from YAML, by libfyaml, with line numbers in every complaint.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <libfyaml.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/protocol.h"
#include "core/text.h"
#include "core/yaml.h"

enum { LONGEST_ID = 60, LONGEST_TEXT = 4000 };

static void
parameter_clear(CsStepParameter *p)
{
    g_free(p->name);
    g_free(p->unit);
    g_free(p->text);
}

static void
step_clear(CsProtocolStep *s)
{
    g_free(s->id);
    g_free(s->title);
    g_free(s->words);
    g_free(s->note);
    g_free(s->gate);
    for (size_t i = 0; i < s->n; i++)
        parameter_clear(&s->parameter[i]);
    g_free(s->parameter);
}

void
cs_protocol_clear(CsProtocol *p)
{
    for (size_t i = 0; i < p->n; i++)
        step_clear(&p->step[i]);
    g_free(p->step);
    g_free(p->name);
    g_free(p->source);
    g_free(p->text);
    g_free(p->sha256);
    *p = (CsProtocol) CS_PROTOCOL_INIT;
}

/* ---- Maps --------------------------------------------------------------- */

typedef struct Reading Reading;

typedef struct {
    const char *name;
    bool (*read)(Reading *r, struct fy_node *node, void *to, GError **error);
    size_t offset; /* for those that read a text or a number */
    double least, most;
    bool   needed;
} Key;

struct Reading {
    const CsYaml *yaml;
    CsProtocol   *protocol;
    const Key    *key; /* being read */
};

static const Key *
key_named(const Key *keys, const char *name)
{
    for (; keys->name != NULL; keys++)
        if (g_strcmp0(keys->name, name) == 0)
            return keys;
    return NULL;
}

static bool
fail_key(const Reading *r, const char *what, const Key *keys,
         struct fy_node *node, GError **error)
{
    g_autoptr(GString) allowed = g_string_new(NULL);
    const char *name = cs_yaml_scalar(node);

    for (const Key *k = keys; k->name != NULL; k++)
        g_string_append_printf(allowed, "%s%s", k == keys ? "" : ", ",
                               k->name);
    return cs_yaml_fail(r->yaml, node, error,
                        "%s has no key %.60s, allowed are %s", what,
                        name != NULL ? name : "like this", allowed->str);
}

static bool
read_map(Reading *r, const char *what, const Key *keys, struct fy_node *map,
         void *to, GError **error)
{
    struct fy_node_pair *pair;
    void *at = NULL;

    if (map == NULL || !fy_node_is_mapping(map))
        return cs_yaml_fail(r->yaml, map, error, "%s must be a map of keys",
                            what);
    while ((pair = fy_node_mapping_iterate(map, &at)) != NULL) {
        struct fy_node *k = fy_node_pair_key(pair);
        const Key *key = key_named(keys, cs_yaml_scalar(k));

        if (key == NULL)
            return fail_key(r, what, keys, k, error);
        if (fy_node_pair_value(pair) == NULL)
            return cs_yaml_fail(r->yaml, k, error, "%s has no value",
                                key->name);
        r->key = key;
        if (!key->read(r, fy_node_pair_value(pair), to, error))
            return false;
    }
    for (const Key *k = keys; k->name != NULL; k++)
        if (k->needed
            && fy_node_mapping_lookup_by_string(map, k->name, FY_NT) == NULL)
            return cs_yaml_fail(r->yaml, map, error, "%s lacks the key %s",
                                what, k->name);
    return true;
}

/* ---- Values ------------------------------------------------------------- */

static bool
read_text(Reading *r, struct fy_node *node, void *to, GError **error)
{
    char **at = (char **) ((char *) to + r->key->offset);
    const char *text = cs_yaml_scalar(node);

    if (text == NULL || *text == '\0' || strlen(text) > LONGEST_TEXT)
        return cs_yaml_fail(r->yaml, node, error,
                            "%s must be a text of 1 to %d bytes",
                            r->key->name, LONGEST_TEXT);
    g_free(*at);
    *at = g_strdup(text);
    return true;
}

static bool
to_number(const Reading *r, const char *name, struct fy_node *node,
          double least, double most, double *value, GError **error)
{
    const char *text = cs_yaml_scalar(node);
    double v;

    if (text == NULL || !cs_text_to_double(text, &v) || !(v >= least)
        || !(v <= most))
        return cs_yaml_fail(r->yaml, node, error,
                            "%s is %.40s, allowed is a number from %g to %g",
                            name, text != NULL ? text : "no scalar", least,
                            most);
    *value = v;
    return true;
}

static bool
read_number(Reading *r, struct fy_node *node, void *to, GError **error)
{
    const Key *k = r->key;

    return to_number(r, k->name, node, k->least, k->most,
                     (double *) ((char *) to + k->offset), error);
}

static bool
read_flag(Reading *r, struct fy_node *node, void *to, GError **error)
{
    const char *text = cs_yaml_scalar(node);

    if (g_strcmp0(text, "true") != 0 && g_strcmp0(text, "false") != 0)
        return cs_yaml_fail(r->yaml, node, error,
                            "%s must be true or false", r->key->name);
    *(bool *) ((char *) to + r->key->offset) = text[0] == 't';
    return true;
}

static bool
is_name(const char *text)
{
    if (text == NULL || *text == '\0' || strlen(text) > LONGEST_ID
        || !g_ascii_isalnum(*text))
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789-_") == strlen(text);
}

static bool
read_id(Reading *r, struct fy_node *node, void *to, GError **error)
{
    CsProtocolStep *step = to;
    const char *text = cs_yaml_scalar(node);

    if (!is_name(text))
        return cs_yaml_fail(r->yaml, node, error,
                            "id must be of letters, digits, - and _, at most "
                            "%d of them", LONGEST_ID);
    for (size_t i = 0; i < r->protocol->n; i++)
        if (strcmp(r->protocol->step[i].id, text) == 0)
            return cs_yaml_fail(r->yaml, node, error,
                                "id %s is given twice", text);
    g_free(step->id);
    step->id = g_strdup(text);
    return true;
}

static bool
read_kind(Reading *r, struct fy_node *node, void *to, GError **error)
{
    CsProtocolStep *step = to;
    const char *text = cs_yaml_scalar(node);
    g_autoptr(GString) allowed = g_string_new(NULL);

    for (const CsStepKind *k = cs_step_kinds(); k->name != NULL; k++) {
        if (g_strcmp0(text, k->name) == 0) {
            step->kind = k;
            return true;
        }
        g_string_append_printf(allowed, "%s%s", allowed->len > 0 ? ", " : "",
                               k->name);
    }
    return cs_yaml_fail(r->yaml, node, error,
                        "kind is %.40s, allowed are %s",
                        text != NULL ? text : "no scalar", allowed->str);
}

static bool
read_timer(Reading *r, struct fy_node *node, void *to, GError **error)
{
    const Key keys[] = {
        { "least_s", read_number, offsetof(CsProtocolStep, timer_least_s), 0,
          1e7, false },
        { "most_s", read_number, offsetof(CsProtocolStep, timer_most_s), 0,
          1e7, false },
        { "remind_s", read_number, offsetof(CsProtocolStep, remind_s), 1, 1e6,
          false },
        { 0 },
    };
    CsProtocolStep *step = to;

    if (!read_map(r, "timer", keys, node, step, error))
        return false;
    return step->timer_most_s >= step->timer_least_s
           || cs_yaml_fail(r->yaml, node, error,
                           "timer: most_s is %g, less than least_s, %g",
                           step->timer_most_s, step->timer_least_s);
}

/* ---- Parameters --------------------------------------------------------- */

static const CsStepKey *
declared(const CsStepKind *kind, const char *name)
{
    for (const CsStepKey *k = kind->keys; k->name != NULL; k++)
        if (strcmp(k->name, name) == 0)
            return k;
    return NULL;
}

/* The value alone, or a map of value, unit, least, most. */
typedef struct {
    char  *value, *unit;
    double least, most;
} Written;

static bool
read_written(Reading *r, const char *name, struct fy_node *node, Written *w,
             GError **error)
{
    const Key keys[] = {
        { "value", read_text, offsetof(Written, value), 0, 0, true },
        { "unit", read_text, offsetof(Written, unit), 0, 0, false },
        { "least", read_number, offsetof(Written, least), -1e30, 1e30, false },
        { "most", read_number, offsetof(Written, most), -1e30, 1e30, false },
        { 0 },
    };
    const Key alone = { name, read_text, offsetof(Written, value), 0, 0,
                        true };

    if (fy_node_is_mapping(node))
        return read_map(r, name, keys, node, w, error);
    r->key = &alone;
    return read_text(r, node, w, error);
}

/* What the kind declares bounds what the file may say. */
static bool
fit_declared(Reading *r, const CsStepKey *k, struct fy_node *node,
             const Written *w, CsStepParameter *p, GError **error)
{
    if (w->unit != NULL && strcmp(w->unit, k->unit) != 0)
        return cs_yaml_fail(r->yaml, node, error,
                            "%s is in \"%s\", not in \"%.20s\"", k->name,
                            k->unit, w->unit);
    g_free(p->unit);
    p->unit = g_strdup(k->unit);
    if (k->text != NULL) {
        p->text = g_strdup(w->value);
        return true;
    }
    if (!cs_text_to_double(w->value, &p->value)
        || !(p->value >= k->least && p->value <= k->most))
        return cs_yaml_fail(r->yaml, node, error,
                            "%s is %.40s, allowed is a number from %g to %g %s",
                            k->name, w->value, k->least, k->most, k->unit);
    p->least = MAX(w->least, k->least);
    p->most = MIN(w->most, k->most);
    return true;
}

/* What only a person enters: a number where it reads as one. */
static void
fit_open(const Written *w, CsStepParameter *p)
{
    g_free(p->unit);
    p->unit = g_strdup(w->unit != NULL ? w->unit : "");
    if (!cs_text_to_double(w->value, &p->value) || !isfinite(p->value)) {
        p->value = NAN;
        p->text = g_strdup(w->value);
    }
    p->least = w->least;
    p->most = w->most;
}

static bool
read_parameter(Reading *r, struct fy_node_pair *pair, CsProtocolStep *step,
               CsStepParameter *p, GError **error)
{
    struct fy_node *name = fy_node_pair_key(pair),
                   *value = fy_node_pair_value(pair);
    Written w = { .least = -INFINITY, .most = INFINITY };
    const CsStepKey *k;
    bool ok;

    if (!is_name(cs_yaml_scalar(name)) || value == NULL)
        return cs_yaml_fail(r->yaml, name, error,
                            "parameters must be NAME: VALUE or NAME: { value: "
                            "…, unit: …, least: …, most: … }");
    p->name = g_strdup(cs_yaml_scalar(name));
    k = declared(step->kind, p->name);
    if (k == NULL && !step->kind->is_open)
        return cs_yaml_fail(r->yaml, name, error,
                            "a step of kind %s has no parameter %s; "
                            "docs/protocol.md lists them", step->kind->name,
                            p->name);
    ok = read_written(r, p->name, value, &w, error);
    if (ok && k != NULL)
        ok = fit_declared(r, k, value, &w, p, error);
    else if (ok)
        fit_open(&w, p);
    if (ok && p->text == NULL && !(p->value >= p->least
                                   && p->value <= p->most))
        ok = cs_yaml_fail(r->yaml, value, error,
                          "%s is %g, outside its own range of %g to %g",
                          p->name, p->value, p->least, p->most);
    g_free(w.value);
    g_free(w.unit);
    return ok;
}

static bool
read_parameters(Reading *r, struct fy_node *map, CsProtocolStep *step,
                GError **error)
{
    struct fy_node_pair *pair;
    void *at = NULL;

    if (map == NULL)
        return true;
    if (!fy_node_is_mapping(map))
        return cs_yaml_fail(r->yaml, map, error, "parameters must be a map");
    while ((pair = fy_node_mapping_iterate(map, &at)) != NULL) {
        if (step->n == CS_PROTOCOL_MAX_PARAMETERS)
            return cs_yaml_fail(r->yaml, map, error,
                                "more than %d parameters",
                                CS_PROTOCOL_MAX_PARAMETERS);
        step->parameter[step->n] = (CsStepParameter) { .value = NAN };
        step->n++;
        if (!read_parameter(r, pair, step, &step->parameter[step->n - 1],
                            error))
            return false;
    }
    return true;
}

/* What the file left out is as the kind declares. */
static void
fill_in(CsProtocolStep *step)
{
    for (const CsStepKey *k = step->kind->keys; k->name != NULL; k++)
        if (cs_step_parameter(step, k->name) == NULL)
            step->parameter[step->n++] = (CsStepParameter) {
                .name = g_strdup(k->name), .unit = g_strdup(k->unit),
                .text = g_strdup(k->text),
                .value = k->text != NULL ? (double) NAN : k->fallback,
                .least = k->least, .most = k->most,
            };
}

/* ---- Steps -------------------------------------------------------------- */

/* Read by itself, when the kind is known. */
static bool
leave(Reading *r, struct fy_node *node, void *to, GError **error)
{
    (void) r, (void) node, (void) to, (void) error;
    return true;
}

static const Key step_keys[] = {
    { "id", read_id, 0, 0, 0, true },
    { "kind", read_kind, 0, 0, 0, true },
    { "title", read_text, offsetof(CsProtocolStep, title), 0, 0, true },
    { "do", read_text, offsetof(CsProtocolStep, words), 0, 0, false },
    { "note", read_text, offsetof(CsProtocolStep, note), 0, 0, false },
    { "gate", read_text, offsetof(CsProtocolStep, gate), 0, 0, false },
    { "optional", read_flag, offsetof(CsProtocolStep, is_optional), 0, 0,
      false },
    { "timer", read_timer, 0, 0, 0, false },
    { "parameters", leave, 0, 0, 0, false },
    { 0 },
};

static bool
read_step(Reading *r, struct fy_node *node, CsProtocolStep *step,
          GError **error)
{
    *step = (CsProtocolStep) {
        .timer_most_s = INFINITY, .remind_s = 60,
        .parameter = g_new0(CsStepParameter, 2 * CS_PROTOCOL_MAX_PARAMETERS),
    };
    if (!read_map(r, "a step", step_keys, node, step, error)
        || !read_parameters(
            r, fy_node_mapping_lookup_by_string(node, "parameters", FY_NT),
            step, error))
        return false;
    fill_in(step);
    return true;
}

static bool
read_steps(Reading *r, struct fy_node *list, void *to, GError **error)
{
    CsProtocol *p = to;
    struct fy_node *node;
    void *at = NULL;
    int n;

    if (!fy_node_is_sequence(list) || fy_node_sequence_is_empty(list))
        return cs_yaml_fail(r->yaml, list, error, "steps must be a list");
    n = fy_node_sequence_item_count(list);
    if (n > CS_PROTOCOL_MAX_STEPS || p->step != NULL)
        return cs_yaml_fail(r->yaml, list, error,
                            "%d steps, allowed are up to %d", n,
                            CS_PROTOCOL_MAX_STEPS);
    p->step = g_new0(CsProtocolStep, (size_t) n);
    while ((node = fy_node_sequence_iterate(list, &at)) != NULL) {
        if (!read_step(r, node, &p->step[p->n], error)) {
            step_clear(&p->step[p->n]);
            return false;
        }
        p->n++;
    }
    return true;
}

static bool
read_version(Reading *r, struct fy_node *node, void *to, GError **error)
{
    double version;

    (void) to;
    return to_number(r, "protocol", node, 1, 1, &version, error);
}

static const Key root_keys[] = {
    { "protocol", read_version, 0, 0, 0, true },
    { "name", read_text, offsetof(CsProtocol, name), 0, 0, true },
    { "source", read_text, offsetof(CsProtocol, source), 0, 0, false },
    { "steps", read_steps, 0, 0, 0, true },
    { 0 },
};

static bool
read_yaml(const CsYaml *yaml, CsProtocol *protocol, GError **error)
{
    g_auto(CsProtocol) fresh = CS_PROTOCOL_INIT;
    Reading r = { .yaml = yaml, .protocol = &fresh };

    if (!read_map(&r, "a protocol", root_keys, yaml->root, &fresh, error))
        return false;
    fresh.text = g_strdup(yaml->text);
    fresh.sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256,
                                                 yaml->text, -1);
    cs_protocol_clear(protocol);
    *protocol = fresh;
    fresh = (CsProtocol) CS_PROTOCOL_INIT;
    return true;
}

bool
cs_protocol_read(const char *path, CsProtocol *protocol, GError **error)
{
    g_auto(CsYaml) yaml = CS_YAML_INIT;

    return cs_yaml_read(path, &yaml, error)
           && read_yaml(&yaml, protocol, error);
}

bool
cs_protocol_parse(const char *text, size_t n, const char *name,
                  CsProtocol *protocol, GError **error)
{
    g_auto(CsYaml) yaml = CS_YAML_INIT;

    return cs_yaml_parse(text, n, name, &yaml, error)
           && read_yaml(&yaml, protocol, error);
}

const CsStepParameter *
cs_step_parameter(const CsProtocolStep *step, const char *name)
{
    for (size_t i = 0; i < step->n; i++)
        if (strcmp(step->parameter[i].name, name) == 0)
            return &step->parameter[i];
    return NULL;
}

double
cs_step_number(const CsProtocolStep *step, const char *name)
{
    const CsStepParameter *p = cs_step_parameter(step, name);

    return p != NULL && p->text == NULL ? p->value : (double) NAN;
}

const char *
cs_step_text(const CsProtocolStep *step, const char *name)
{
    const CsStepParameter *p = cs_step_parameter(step, name);

    return p != NULL && p->text != NULL ? p->text : "";
}
