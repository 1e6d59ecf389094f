// What plugins in C share: texts, explanations, and settings read from JSON.
//
// `plugin.h` beside it is the contract as wit-bindgen puts it into C. Memory is that of malloc: what a call is given need not
// be freed, because its sandbox is thrown away; a plugin that asks for `instances = { reuse = N }` frees it with the functions
// `…_free` of plugin.h.

#ifndef DIALOGO_H
#define DIALOGO_H

#include "plugin.h"

#include <stdlib.h>
#include <string.h>

typedef dialogo_plugin_types_explanation_t dialogo_explanation;

// ---- texts ----

static inline plugin_string_t dialogo_copy(const char *text) {
    plugin_string_t copy;
    plugin_string_dup(&copy, text);
    return copy;
}

static inline bool dialogo_same(plugin_string_t one, plugin_string_t other) {
    return one.len == other.len && memcmp(one.ptr, other.ptr, one.len) == 0;
}

static inline uint8_t dialogo_lower(uint8_t letter) {
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
}

// Whether a text holds another, A to Z in either case. What else there is to letters, the host's `patterns` know.
static inline bool dialogo_holds(plugin_string_t text, plugin_string_t part) {
    for (size_t from = 0; from + part.len <= text.len; from++) {
        size_t at = 0;
        while (at < part.len && dialogo_lower(text.ptr[from + at]) == dialogo_lower(part.ptr[at])) at++;
        if (at == part.len) return true;
    }
    return false;
}

// ---- explanations ----

// `code` is for machines and stays the same for ever; `detail` is for people.
static inline dialogo_explanation dialogo_explain(const char *code, const char *detail) {
    dialogo_explanation why = {.evidence = {NULL, 0}};
    plugin_string_dup(&why.code, code);
    plugin_string_dup(&why.detail, detail);
    return why;
}

// The same with the word or value that led to it; takes the word over.
static inline dialogo_explanation dialogo_explain_by(const char *code, const char *detail, plugin_string_t word) {
    dialogo_explanation why = dialogo_explain(code, detail);
    why.evidence.ptr = malloc(sizeof word);
    if (why.evidence.ptr == NULL) abort();
    why.evidence.ptr[0] = word;
    why.evidence.len = 1;
    return why;
}

// ---- facts ----

// A fact that is a number; `otherwise` where it is not known.
static inline double dialogo_number_fact(dialogo_plugin_types_list_fact_t facts, const char *key, double otherwise) {
    plugin_string_t name;
    plugin_string_set(&name, key);
    for (size_t at = 0; at < facts.len; at++) {
        dialogo_plugin_types_fact_t *fact = &facts.ptr[at];
        if (fact->value.tag == DIALOGO_PLUGIN_TYPES_FACT_VALUE_NUMBER && dialogo_same(fact->key, name)) {
            return fact->value.val.number;
        }
    }
    return otherwise;
}

// ---- settings ----

// A value inside a JSON text that is known to be right, as settings are; `text` is NULL where there is none.
typedef struct {
    const char *text;
} dialogo_json;

static inline const char *dialogo_json_space(const char *at) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
    return at;
}

// Behind the value that begins here.
static inline const char *dialogo_json_behind(const char *at) {
    int depth = 0;
    at = dialogo_json_space(at);
    do {
        if (*at == '"') {
            for (at++; *at != '"' && *at != 0; at++) {
                if (*at == '\\' && at[1] != 0) at++;
            }
            if (*at == '"') at++;
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            depth--;
            at++;
        } else if (depth > 0) {
            at++;
        } else {
            while (*at != 0 && strchr(",]} \t\r\n", *at) == NULL) at++;
        }
    } while (depth > 0 && *at != 0);
    return at;
}

// A text as a C string of its own, out of which a JSON text can be read.
static inline dialogo_json dialogo_read(plugin_string_t json) {
    char *copy = malloc(json.len + 1);
    if (copy == NULL) abort();
    memcpy(copy, json.ptr, json.len);
    copy[json.len] = 0;
    return (dialogo_json){dialogo_json_space(copy)};
}

// The plugin's settings, read when first needed.
static inline dialogo_json dialogo_settings(void) {
    static dialogo_json settings;
    if (settings.text == NULL) {
        plugin_string_t json;
        dialogo_plugin_settings_json(&json);
        settings = dialogo_read(json);
        plugin_string_free(&json);
    }
    return settings;
}

// What stands under a key.
static inline dialogo_json dialogo_get(dialogo_json table, const char *key) {
    dialogo_json none = {NULL};
    if (table.text == NULL || *table.text != '{') return none;
    size_t length = strlen(key);
    const char *at = dialogo_json_space(table.text + 1);
    while (*at == '"') {
        bool found = strncmp(at + 1, key, length) == 0 && at[1 + length] == '"';
        at = dialogo_json_space(dialogo_json_behind(at));
        if (*at == ':') at = dialogo_json_space(at + 1);
        if (found) return (dialogo_json){at};
        at = dialogo_json_space(dialogo_json_behind(at));
        if (*at == ',') at = dialogo_json_space(at + 1);
    }
    return none;
}

// A value of a list, counted from 0; none behind its end.
static inline dialogo_json dialogo_at(dialogo_json list, size_t index) {
    dialogo_json none = {NULL};
    if (list.text == NULL || *list.text != '[') return none;
    const char *at = dialogo_json_space(list.text + 1);
    for (; index > 0 && *at != ']' && *at != 0; index--) {
        at = dialogo_json_space(dialogo_json_behind(at));
        if (*at == ',') at = dialogo_json_space(at + 1);
    }
    return *at == ']' || *at == 0 ? none : (dialogo_json){at};
}

// Whether there is such a value.
static inline bool dialogo_is(dialogo_json value) {
    return value.text != NULL;
}

// A text, copied; empty where there is none.
static inline plugin_string_t dialogo_text(dialogo_json value) {
    plugin_string_t text = {NULL, 0};
    if (value.text == NULL || *value.text != '"') return text;
    const char *end = dialogo_json_behind(value.text);
    text.ptr = malloc((size_t)(end - value.text));
    if (text.ptr == NULL) abort();
    for (const char *at = value.text + 1; at < end - 1; at++) {
        uint8_t letter = (uint8_t)*at;
        if (letter == '\\') {
            at++;
            const char *plain = "\"\\/bfnrt", *meant = "\"\\/\b\f\n\r\t";
            const char *known = strchr(plain, *at);
            if (known != NULL) {
                letter = (uint8_t)meant[known - plain];
            } else {
                // The host writes letters as they are; only control characters come as \u00XX.
                char digits[5] = {at[1], at[2], at[3], at[4], 0};
                letter = (uint8_t)strtoul(digits, NULL, 16);
                at += 4;
            }
        }
        text.ptr[text.len++] = letter;
    }
    return text;
}

// A number; `otherwise` where there is none. Not by strtod, which would bring WASI along; exact for up to 15 digits.
static inline double dialogo_number(dialogo_json value, double otherwise) {
    const char *at = value.text;
    if (at == NULL) return otherwise;
    bool negative = *at == '-';
    if (negative) at++;
    double digits = 0;
    int places = 0;
    for (bool behind = false; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
        if (*at == '.') {
            behind = true;
        } else {
            digits = digits * 10 + (*at - '0');
            if (behind) places--;
        }
    }
    if (*at == 'e' || *at == 'E') places += atoi(at + 1);
    double scale = 1;
    for (int left = places < 0 ? -places : places; left > 0; left--) scale *= 10;
    double number = places < 0 ? digits / scale : digits * scale;
    return negative ? -number : number;
}

// A pointer into the settings for `setup`: `before`, a number, `after`. Not by snprintf, which would bring WASI along.
static inline plugin_string_t dialogo_path(const char *before, size_t index, const char *after) {
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + index % 10);
        index /= 10;
    } while (index > 0);
    size_t ahead = strlen(before), behind = strlen(after);
    plugin_string_t path = {malloc(ahead + count + behind), 0};
    if (path.ptr == NULL) abort();
    memcpy(path.ptr, before, ahead);
    path.len = ahead;
    while (count > 0) path.ptr[path.len++] = (uint8_t)digits[--count];
    memcpy(path.ptr + path.len, after, behind);
    path.len += behind;
    return path;
}

#endif
