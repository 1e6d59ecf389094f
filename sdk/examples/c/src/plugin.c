// The example plugin in C: words lead to nodes of the classification tree, and some words are not to be said.
// The same plugin stands beside this one in three more languages; all four give the same answers.
//
// What the host gives and what it is given lies in memory of malloc: `plugin.h` has a function `…_free` for each type, and
// what is returned is freed by the generated code once the host has read it.

#include "plugin.h"

#include <stdlib.h>
#include <string.h>

// Words looked for in one text at most.
#define MOST_HITS 64

typedef dialogo_plugin_patterns_hit_t hit_t;
typedef dialogo_plugin_patterns_list_hit_t hits_t;
typedef dialogo_plugin_types_explanation_t explanation_t;
typedef exports_dialogo_plugin_classifier_suggestion_t suggestion_t;
typedef exports_dialogo_plugin_message_policy_edit_t edit_t;

// What speaks for a node: `doubt` is how likely none of the words means it.
typedef struct {
    plugin_string_t node;
    double doubt;
    plugin_list_string_t words;
} topic_t;

static void *grown(void *list, size_t count, size_t size) {
    void *longer = realloc(list, count * size);
    if (longer == NULL) abort();
    return longer;
}

static void add_word(plugin_list_string_t *words, const uint8_t *text, size_t len) {
    words->ptr = grown(words->ptr, words->len + 1, sizeof *words->ptr);
    plugin_string_dup_n(&words->ptr[words->len++], (const char *)text, len);
}

static void append(plugin_string_t *text, const void *more, size_t len) {
    text->ptr = grown(text->ptr, text->len + len, 1);
    memcpy(text->ptr + text->len, more, len);
    text->len += len;
}

static bool same(plugin_string_t one, plugin_string_t other) {
    return one.len == other.len && memcmp(one.ptr, other.ptr, one.len) == 0;
}

// Takes the words over as evidence.
static explanation_t found(const char *code, plugin_list_string_t words) {
    explanation_t why = {.evidence = words};
    plugin_string_dup(&why.code, code);
    append(&why.detail, "found ", strlen("found "));
    for (size_t at = 0; at < words.len; at++) {
        if (at > 0) append(&why.detail, ", ", 2);
        append(&why.detail, "“", strlen("“"));
        append(&why.detail, words.ptr[at].ptr, words.ptr[at].len);
        append(&why.detail, "”", strlen("”"));
    }
    return why;
}

static hits_t find(const char *set, plugin_string_t *text) {
    plugin_string_t name;
    plugin_string_set(&name, set);
    hits_t hits;
    dialogo_plugin_patterns_find(&name, text, MOST_HITS, &hits);
    return hits;
}

// The host adds to a pattern's name what the manifest asks for, each after a tab: node and weight of its rule.
static plugin_string_t node_of(plugin_string_t name, double *weight) {
    uint8_t *end = name.ptr + name.len;
    uint8_t *node = memchr(name.ptr, '\t', name.len);
    node = node == NULL ? end : node + 1;
    uint8_t *tab = memchr(node, '\t', end - node);
    *weight = 0;
    for (uint8_t *digit = tab == NULL ? end : tab + 1; digit < end; digit++) *weight = *weight * 10 + (*digit - '0');
    return (plugin_string_t){node, (tab == NULL ? end : tab) - node};
}

// Whether a pattern was found in an earlier message; remembers it, and takes its name over.
static bool is_known(plugin_list_string_t *known, plugin_string_t *name) {
    for (size_t at = 0; at < known->len; at++) {
        if (same(known->ptr[at], *name)) return true;
    }
    known->ptr = grown(known->ptr, known->len + 1, sizeof *known->ptr);
    known->ptr[known->len++] = *name;
    *name = (plugin_string_t){NULL, 0};
    return false;
}

static topic_t *topic_of(topic_t **topics, size_t *count, plugin_string_t node) {
    for (size_t at = 0; at < *count; at++) {
        if (same((*topics)[at].node, node)) return &(*topics)[at];
    }
    *topics = grown(*topics, *count + 1, sizeof **topics);
    topic_t *topic = &(*topics)[(*count)++];
    *topic = (topic_t){.doubt = 1.0};
    plugin_string_dup_n(&topic->node, (const char *)node.ptr, node.len);
    return topic;
}

// The surest first; equal ones stay in their order.
static void sort(topic_t *topics, size_t count) {
    for (size_t at = 1; at < count; at++) {
        topic_t topic = topics[at];
        size_t to = at;
        for (; to > 0 && topics[to - 1].doubt > topic.doubt; to--) topics[to] = topics[to - 1];
        topics[to] = topic;
    }
}

bool exports_dialogo_plugin_classifier_suggest(
    exports_dialogo_plugin_classifier_call_context_t *context,
    exports_dialogo_plugin_classifier_conversation_t *conversation,
    uint32_t limit,
    exports_dialogo_plugin_classifier_list_suggestion_t *answer,
    exports_dialogo_plugin_classifier_plugin_error_t *error) {
    (void)error;
    topic_t *topics = NULL;
    size_t count = 0;
    plugin_list_string_t known = {NULL, 0};
    for (size_t at = 0; at < conversation->recent.len; at++) {
        dialogo_plugin_types_message_t *message = &conversation->recent.ptr[at];
        if (message->author.side != DIALOGO_PLUGIN_TYPES_SIDE_CONSUMER) continue;
        hits_t hits = find("words", &message->text);
        for (size_t one = 0; one < hits.len; one++) {
            hit_t *hit = &hits.ptr[one];
            if (is_known(&known, &hit->pattern)) continue;
            double weight;
            plugin_string_t node = node_of(known.ptr[known.len - 1], &weight);
            topic_t *topic = topic_of(&topics, &count, node);
            topic->doubt *= 1 - weight / 100;
            add_word(&topic->words, message->text.ptr + hit->start, hit->end - hit->start);
        }
        dialogo_plugin_patterns_list_hit_free(&hits);
    }
    plugin_list_string_free(&known);
    sort(topics, count);
    answer->len = count < limit ? count : limit;
    answer->ptr = count == 0 ? NULL : grown(NULL, count, sizeof *answer->ptr);
    for (size_t at = 0; at < count; at++) {
        if (at < limit) {
            suggestion_t *suggestion = &answer->ptr[at];
            suggestion->node = topics[at].node;
            suggestion->confidence = (float)(1 - topics[at].doubt);
            suggestion->why.is_some = true;
            suggestion->why.val = found("words", topics[at].words);
        } else {
            plugin_string_free(&topics[at].node);
            plugin_list_string_free(&topics[at].words);
        }
    }
    free(topics);
    exports_dialogo_plugin_classifier_call_context_free(context);
    exports_dialogo_plugin_classifier_conversation_free(conversation);
    return true;
}

static edit_t masked(plugin_string_t text, hit_t hit) {
    plugin_list_string_t word = {NULL, 0};
    add_word(&word, text.ptr + hit.start, hit.end - hit.start);
    edit_t edit = {.start = hit.start, .end = hit.end, .why = found("denied-word", word)};
    plugin_string_dup(&edit.replacement, "***");
    return edit;
}

bool exports_dialogo_plugin_message_policy_check(
    exports_dialogo_plugin_message_policy_call_context_t *context,
    exports_dialogo_plugin_message_policy_conversation_t *conversation,
    exports_dialogo_plugin_message_policy_message_t *message,
    exports_dialogo_plugin_message_policy_verdict_t *verdict,
    exports_dialogo_plugin_message_policy_plugin_error_t *error) {
    (void)error;
    hits_t hits = find("denied", &message->text);
    if (hits.len == 0) {
        verdict->tag = EXPORTS_DIALOGO_PLUGIN_MESSAGE_POLICY_VERDICT_ALLOW;
    } else if (message->author.side == DIALOGO_PLUGIN_TYPES_SIDE_AGENT) {
        // Agents are told; a consumer's word is masked.
        plugin_list_string_t words = {NULL, 0};
        for (size_t at = 0; at < hits.len; at++) {
            hit_t hit = hits.ptr[at];
            add_word(&words, message->text.ptr + hit.start, hit.end - hit.start);
        }
        verdict->tag = EXPORTS_DIALOGO_PLUGIN_MESSAGE_POLICY_VERDICT_DENY;
        verdict->val.deny = found("denied-word", words);
    } else {
        // In the order of their places: each goes before the later ones that are there already.
        edit_t *edits = grown(NULL, hits.len, sizeof *edits);
        for (size_t at = 0; at < hits.len; at++) {
            size_t to = at;
            for (; to > 0 && edits[to - 1].start > hits.ptr[at].start; to--) edits[to] = edits[to - 1];
            edits[to] = masked(message->text, hits.ptr[at]);
        }
        verdict->tag = EXPORTS_DIALOGO_PLUGIN_MESSAGE_POLICY_VERDICT_REWRITE;
        verdict->val.rewrite.ptr = edits;
        verdict->val.rewrite.len = hits.len;
    }
    dialogo_plugin_patterns_list_hit_free(&hits);
    exports_dialogo_plugin_message_policy_call_context_free(context);
    exports_dialogo_plugin_message_policy_conversation_free(conversation);
    exports_dialogo_plugin_message_policy_message_free(message);
    return true;
}
