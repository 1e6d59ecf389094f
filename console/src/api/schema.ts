// Generated from openapi.json by `npm run api`; not edited by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Which node a group becomes. What is absent is as proposed. */
        AcceptReasonBody: {
            /** @description Its id, for ever. */
            id?: string | null;
            /** @description The node above it; empty: none. */
            parent?: string | null;
            /** @description What agents read, in the desk's first language. */
            title?: string | null;
        };
        /** @description Rules that came into force. */
        ActivationView: {
            /** @description The account that asked for it. */
            account?: string | null;
            /**
             * Format: int64
             * @description When, in milliseconds UTC.
             */
            at: number;
            /**
             * @description `start` when the desk began with them, `files` when files on disk had changed, `desk` when it took a plugin back to
             *     shadow, `account` or `operator` for a rollback or a promotion.
             */
            by: string;
            /** @description Which generation (16 hexadecimal digits). */
            generation: string;
            /** @description What changed, in one line. */
            summary: string;
        };
        /** @description An account. */
        Agent: {
            /** @description False once removed. */
            active: boolean;
            /** @description Departments by the rules in force. */
            departments: string[];
            /** @description Whether the connection is lost and the grace period runs. */
            dropped: boolean;
            /** @description Conversations held and offered. */
            holds: number;
            /** @description The login. */
            id: string;
            /**
             * Format: int32
             * @description Conversations at once, by the rules and the own limit.
             */
            limit: number;
            /** @description The name shown. */
            name: string;
            /**
             * Format: int32
             * @description The own, lower limit.
             */
            own_limit?: number | null;
            /** @description `online`, `busy` or `offline`. */
            presence: string;
            /** @description Why paused. */
            reason?: string | null;
            /** @description `agent`, `supervisor` or `admin`. */
            role: string;
        };
        /** @description Accounts. */
        AgentList: {
            /** @description The accounts. */
            agents: components["schemas"]["Agent"][];
            /**
             * Format: int64
             * @description As of which position of the feed this is.
             */
            position: number;
        };
        /** @description An agent by name. */
        AgentRef: {
            /** @description The login; not shown to consumers. */
            id?: string | null;
            /** @description The name shown. */
            name: string;
        };
        /** @description An agent as a target. */
        AgentTarget: components["schemas"]["Reach"] & {
            /** @description The login. */
            id: string;
            /**
             * Format: int32
             * @description Conversations at once, where it would go.
             */
            limit: number;
            /**
             * Format: int32
             * @description Conversations that count against the limit.
             */
            load: number;
            /** @description The name shown. */
            name: string;
            /** @description `online`, `busy` or `offline`. */
            presence: string;
        };
        /** @description Two nodes that are hardly told apart. */
        AlikeNodes: {
            /**
             * Format: int64
             * @description Of them, taken for the other node; two names for one thing come to about a half.
             */
            confused: number;
            /** @description One and the other. */
            nodes: string[];
            /**
             * Format: int64
             * @description Conversations of both that were judged by a model that had not seen them.
             */
            of: number;
            /** @description Messages of each that were taken for the other. */
            samples: string[][];
            /**
             * Format: float
             * @description How much the model sees the same in both: 1 is the same.
             */
            similarity: number;
        };
        /** @description `POST /conversations/{id}/assign`. */
        AssignBody: {
            /** @description To whom. */
            agent: string;
        };
        /** @description A file in a message. */
        Attachment: {
            /**
             * Format: int64
             * @description Size in bytes.
             */
            bytes: number;
            /** @description Its id: fetch it at `/api/v1/attachments/{id}`. */
            id: string;
            /** @description Type by content. */
            mime: string;
            /** @description Name given by the sender. */
            name: string;
            /** @description Reason of a warning, if the policy gave one. */
            warning?: string | null;
        };
        /** @description Which files may be sent. A policy may refuse what these bounds let through: it looks into the file. */
        AttachmentBounds: {
            /**
             * @description What the policies' settings say of the caller's side, as a hint for choosing files: types (`image/png`, `image/*`)
             *     and the words `office` and `archive`. Absent where they say nothing.
             */
            accept?: string[] | null;
            /**
             * Format: int64
             * @description Largest file taken at all.
             */
            max_bytes: number;
            /**
             * Format: int32
             * @description Most files in one message.
             */
            max_per_message: number;
        };
        /** @description Who wrote a message. */
        Author: {
            /** @description The login; not shown to consumers. */
            agent?: string | null;
            /** @description The name shown. */
            name?: string | null;
            /** @description `consumer`, `agent`, `bot` or `system`. */
            side: string;
        };
        /** @description `POST /conversations`. */
        BeginBody: {
            /**
             * @description `web`, `mobile`, `email`, `social`, `voice` or `api`; without one: `web`.
             * @default null
             */
            channel: string | null;
            /**
             * @description The department asked for.
             * @default null
             */
            department: string | null;
            /**
             * @description The person's e-mail address.
             * @default null
             */
            email: string | null;
            /**
             * @description What the site says of the visitor.
             * @default {}
             */
            facts: {
                [key: string]: string;
            };
            /**
             * @description Language tag such as `pt-BR`.
             * @default null
             */
            locale: string | null;
            /**
             * @description The person's name.
             * @default null
             */
            name: string | null;
        };
        /** @description A quick reply. */
        Choice: {
            /** @description What is sent when it is chosen. */
            payload: string;
            /** @description What the consumer sees. */
            title: string;
        };
        /** @description What a conversation was about. */
        Classification: {
            /** @description Who chose it; absent: a rule. */
            by?: string | null;
            /** @description The node. */
            node?: string | null;
            /** @description `none`, `draft`, `final` or `waived`. */
            state: string;
            /** @description The version of the tree it was chosen from. */
            tree?: string | null;
        };
        /** @description `PUT /conversations/{id}/classification`. */
        ClassifyBody: {
            /**
             * Format: int32
             * @description The set of suggestions it was taken from; without one: the tree.
             */
            from_set?: number | null;
            /** @description The node. */
            node: string;
        };
        /** @description `POST /conversations/{id}/close`. */
        CloseBody: {
            classify?: components["schemas"]["ClassifyBody"] | null;
        };
        /** @description How a conversation ended. */
        Closed: {
            /**
             * Format: int64
             * @description When, in milliseconds UTC.
             */
            at: number;
            /** @description `agent`, `supervisor`, `consumer`, `connection_timeout`, `message_timeout`, `bot` or `callback`. */
            by: string;
        };
        /** @description One conversation. */
        Conversation: (components["schemas"]["Inside"] | null) & {
            agent?: components["schemas"]["AgentRef"] | null;
            /** @description How far the agent has come. */
            agent_read: components["schemas"]["ReadMark"];
            /** @description Where it came in. */
            channel: string;
            closed?: components["schemas"]["Closed"] | null;
            /** @description How far the consumer has come. */
            consumer_read: components["schemas"]["ReadMark"];
            /** @description Whose queue or team it is in. */
            department?: string | null;
            /**
             * Format: int64
             * @description How long it will probably wait, rounded to minutes; absent where there is no basis to say so.
             */
            expected_wait_ms?: number | null;
            hit?: components["schemas"]["Hit"] | null;
            /** @description Its id (UUID). */
            id: string;
            /**
             * Format: int32
             * @description Messages and notes so far.
             */
            last_number: number;
            /**
             * Format: int64
             * @description When it began, in milliseconds UTC.
             */
            opened_at: number;
            /** @description Place in the queue, counted from 1, while it waits. */
            place?: number | null;
            /**
             * Format: int64
             * @description As of which position of the feed this is: what the feed tells up to there is in it.
             */
            position: number;
            /** @description The earlier conversation it is linked to. */
            previous?: string | null;
            /** @description Where it stands: `bot`, `queued`, `offered`, `active`, `on_hold` or `closed`. */
            state: string;
        };
        /** @description A consumer has begun. */
        ConversationBegun: {
            /** @description The consumer (UUID). */
            consumer: string;
            /** @description The conversation. */
            conversation: components["schemas"]["Conversation"];
            /**
             * Format: int64
             * @description Where to follow the feed from.
             */
            cursor: number;
            /**
             * Format: int64
             * @description When the token ends, in milliseconds UTC.
             */
            expires_at?: number | null;
            /** @description The consumer's token, when one was made. */
            token?: string | null;
        };
        /** @description Conversations, best first in a queue and latest first elsewhere. */
        ConversationList: {
            /** @description The conversations. */
            conversations: components["schemas"]["Conversation"][];
            /**
             * Format: int64
             * @description Give it as `before` to get the next page; absent: there is none.
             */
            next?: number | null;
            /**
             * Format: int64
             * @description As of which position of the feed this is: whoever follows the feed from here misses nothing.
             */
            position: number;
            searched?: components["schemas"]["Searched"] | null;
        };
        /** @description One day. */
        DayFigures: {
            /**
             * Format: int64
             * @description Conversations that ended.
             */
            closed: number;
            /**
             * Format: int64
             * @description Conversations that came.
             */
            contacts: number;
            /** @description Which. */
            day: string;
        };
        /** @description One plugin's part in a decision. */
        Decision: {
            /** @description Machine-readable reason. */
            code: string;
            /** @description Reason for people. */
            detail: string;
            /** @description SHA-256 of the component, hexadecimal. */
            digest: string;
            /** @description What it rests on. */
            evidence: string[];
            /** @description The hook. */
            hook: string;
            /** @description What it said, in one word. */
            outcome: string;
            /** @description The plugin as bound in the rules. */
            plugin: string;
            /** @description What of its settings spoke. Explanations say in which line it stands, in the rules of that time. */
            settings?: components["schemas"]["SettingAt"][];
            /** @description Whether it was only watched. */
            shadow: boolean;
            /** @description Its version. */
            version: string;
        };
        /** @description A department. */
        Department: {
            /**
             * Format: int64
             * @description How long one more would probably wait, rounded to minutes; absent: nobody waits, or there is no basis.
             */
            expected_wait_ms?: number | null;
            /** @description Its id. */
            id: string;
            /** @description Whether the caller belongs to it. */
            mine: boolean;
            /** @description Name by language. */
            name: {
                [key: string]: string;
            };
            /** @description Whether it is within its hours now. */
            open: boolean;
            /** @description Conversations that wait; accounts only. */
            waiting?: number | null;
        };
        /** @description One department. */
        DepartmentFigures: components["schemas"]["Sums"] & {
            /** @description Which; absent: conversations that reached none. */
            department?: string | null;
        };
        /** @description Departments. */
        DepartmentList: {
            /** @description The departments, in order of their ids. */
            departments: components["schemas"]["Department"][];
        };
        /** @description A department as a target. */
        DepartmentTarget: components["schemas"]["Reach"] & {
            /**
             * Format: int64
             * @description How long one more would probably wait, rounded to minutes; absent: nobody waits, or there is no basis.
             */
            expected_wait_ms?: number | null;
            /**
             * Format: int32
             * @description Windows that are free there now.
             */
            free: number;
            /** @description Its id. */
            id: string;
            /** @description Name by language. */
            name: {
                [key: string]: string;
            };
            /** @description Whether it is within its hours. */
            open: boolean;
            /** @description Conversations that wait there. */
            waiting: number;
        };
        /** @description What holds at this desk, as far as the caller has to do with it. */
        DeskView: (components["schemas"]["WorkRules"] | null) & {
            /** @description Which files may be sent. */
            attachments: components["schemas"]["AttachmentBounds"];
            /** @description The rules this was read from. */
            generation: string;
            /** @description Its languages, the first being the default. */
            languages: string[];
            /** @description How long a message may be. */
            message: components["schemas"]["MessageBounds"];
            /** @description The desk's name by language. */
            name: {
                [key: string]: string;
            };
            /**
             * Format: int64
             * @description How long after the end a new message goes on with the same conversation, in milliseconds.
             */
            reopen_window_ms: number;
        };
        /** @description Something wrong in a rule file. */
        DiagnosticView: {
            /** @description Machine-readable kind. */
            code: string;
            /** @description Counted from 1 in characters; 0 where there is none. */
            column: number;
            /** @description Column after the last character; 0 where there is none. */
            end_column: number;
            /** @description Last line; 0 where there is none. */
            end_line: number;
            /** @description Path in the rules folder. */
            file: string;
            /** @description What would be right. */
            hint?: string | null;
            /** @description Words under the marked text. */
            label?: string | null;
            /** @description Counted from 1; 0 where there is none. */
            line: number;
            /** @description What is wrong. */
            message: string;
            /** @description Other places that matter. */
            related?: components["schemas"]["RelatedView"][];
            /** @description `error` or `warning`. */
            severity: string;
        };
        /** @description One event of the feed. What a consumer does not see is left out. */
        Event: {
            generation: string;
            summary: string;
            /** @enum {string} */
            type: "rules_activated";
        } | {
            /** Format: double */
            min_precision: number;
            /** Format: int32 */
            of: number;
            plugin: string;
            /** Format: int32 */
            right: number;
            /** @enum {string} */
            type: "plugin_stepped_back";
        } | {
            agent: string;
            name: string;
            role: string;
            /** @enum {string} */
            type: "account_added";
        } | {
            agent: string;
            /** @enum {string} */
            type: "account_removed";
        } | {
            agent: string;
            presence: string;
            reason?: string | null;
            /** @enum {string} */
            type: "presence_changed";
        } | {
            agent: string;
            /** @enum {string} */
            type: "agent_dropped";
        } | {
            agent: string;
            /** @enum {string} */
            type: "agent_returned";
        } | {
            agent: string;
            /** Format: int32 */
            limit?: number | null;
            /** @enum {string} */
            type: "own_limit_set";
        } | {
            bot: boolean;
            channel: string;
            consumer?: string | null;
            conversation: string;
            previous?: string | null;
            profile?: components["schemas"]["Profile"] | null;
            /** @enum {string} */
            type: "conversation_started";
        } | {
            conversation: string;
            /** @enum {string} */
            type: "conversation_found";
        } | {
            conversation: string;
            /** @enum {string} */
            type: "consumer_arrived";
        } | {
            conversation: string;
            excerpt: string;
            /** @enum {string} */
            type: "consumer_wrote";
        } | {
            conversation: string;
            /** @enum {string} */
            type: "consumer_went_away";
        } | {
            conversation: string;
            department: string;
            place?: number | null;
            /** Format: int32 */
            priority?: number | null;
            /** @enum {string} */
            type: "conversation_queued";
            /** Format: int64 */
            waiting_since: number;
            why?: components["schemas"]["Why"] | null;
        } | {
            agent: components["schemas"]["AgentRef"];
            conversation: string;
            department: string;
            /** @enum {string} */
            type: "conversation_offered";
            /** Format: int64 */
            until: number;
            why: components["schemas"]["Why"];
        } | {
            agent: string;
            conversation: string;
            timed_out: boolean;
            /** @enum {string} */
            type: "offer_passed";
        } | {
            agent: components["schemas"]["AgentRef"];
            conversation: string;
            department: string;
            /** Format: int32 */
            over_limit?: number | null;
            /** @enum {string} */
            type: "conversation_assigned";
            why?: components["schemas"]["Why"] | null;
        } | {
            conversation: string;
            /** @enum {string} */
            type: "conversation_held";
        } | {
            conversation: string;
            /** Format: int32 */
            over_limit?: number | null;
            /** @enum {string} */
            type: "conversation_resumed";
        } | {
            conversation: string;
            decisions?: components["schemas"]["Decision"][];
            message: components["schemas"]["Message"];
            /** @enum {string} */
            type: "message_sent";
            verdict?: components["schemas"]["Verdict"] | null;
        } | {
            code: string;
            conversation: string;
            decisions?: components["schemas"]["Decision"][];
            detail: string;
            message: components["schemas"]["Message"];
            /** @enum {string} */
            type: "message_refused";
        } | {
            conversation: string;
            message: components["schemas"]["Message"];
            /** @enum {string} */
            type: "note_added";
        } | {
            by: string;
            conversation: string;
            /** Format: int32 */
            delivered: number;
            /** Format: int32 */
            read: number;
            /** @enum {string} */
            type: "read_marked";
        } | {
            conversation: string;
            decisions: components["schemas"]["Decision"][];
            /** @enum {string} */
            type: "bot_answered";
        } | {
            conversation: string;
            decisions?: components["schemas"]["Decision"][];
            from_agent?: components["schemas"]["AgentRef"] | null;
            from_department?: string | null;
            note?: string | null;
            redirected?: string | null;
            to_agent?: components["schemas"]["AgentRef"] | null;
            to_department: string;
            /** @enum {string} */
            type: "conversation_transferred";
            /** Format: int64 */
            waits_until?: number | null;
        } | {
            because: string;
            code: string;
            conversation: string;
            decisions: components["schemas"]["Decision"][];
            /** @enum {string} */
            type: "transfer_refused";
        } | {
            by?: string | null;
            conversation: string;
            final: boolean;
            /** Format: int32 */
            from_set?: number | null;
            node: string;
            tree: string;
            /** @enum {string} */
            type: "conversation_classified";
        } | {
            conversation: string;
            /** @enum {string} */
            type: "classification_waived";
        } | {
            conversation: string;
            decisions: components["schemas"]["Decision"][];
            /** Format: int32 */
            set: number;
            suggestions: components["schemas"]["Suggestion"][];
            /** @enum {string} */
            type: "classification_suggested";
        } | {
            conversation: string;
            /** Format: int32 */
            set: number;
            /** @enum {string} */
            type: "suggestions_shown";
        } | {
            conversation: string;
            node?: string | null;
            outcome: string;
            /** Format: int32 */
            rank?: number | null;
            /** Format: int32 */
            set: number;
            /** @enum {string} */
            type: "suggestions_settled";
        } | {
            agent?: string | null;
            by: string;
            conversation: string;
            /** @enum {string} */
            type: "conversation_closed";
        } | {
            conversation: string;
            /** @enum {string} */
            type: "conversation_reopened";
            undone: boolean;
        } | {
            comment: string;
            conversation: string;
            /** Format: int32 */
            stars: number;
            /** @enum {string} */
            type: "conversation_rated";
        };
        /** @description A conversation's history. */
        EventList: {
            /** @description The commits, oldest first. */
            commits: components["schemas"]["StampedEvents"][];
            /** @description Whether there are more. */
            more: boolean;
        };
        /** @description What the consumer said of late, cut short. */
        Excerpt: {
            /** @description The earliest message known here. */
            first: string;
            /** @description The latest. */
            last: string;
        };
        /** @description Why a conversation stands where it stands: its decisions with their reasons, oldest first. */
        Explanation: {
            /** @description The conversation. */
            conversation: string;
            /** @description The decisions: queueing, offers, assignments, transfers, classifications, policies, closing. */
            decisions: components["schemas"]["StampedEvents"][];
            now?: components["schemas"]["Standing"] | null;
        };
        /** @description What a finish does. */
        FinishRules: {
            /** @description What it does without a classification: `off` nothing, `remind` puts it in the list to classify, `require` refuses. */
            classification: string;
            /**
             * Format: int64
             * @description How long it can be taken back, in milliseconds.
             */
            undo_ms: number;
        };
        /** @description What a search found. */
        FoundReasons: {
            /** @description Nodes that are hardly told apart, the worst first. */
            alike: components["schemas"]["AlikeNodes"][];
            /**
             * Format: int64
             * @description When, in milliseconds UTC.
             */
            at: number;
            /**
             * Format: int64
             * @description Conversations in the journal.
             */
            conversations: number;
            /** @description Groups that fit no node, the largest first. */
            groups: components["schemas"]["ReasonGroup"][];
            /**
             * Format: int64
             * @description Of them, without a node, or with one that stands for all others.
             */
            looked_at: number;
            /** @description Nodes that could be chosen and never were. */
            unused: string[];
        };
        /** @description A generation of the rules. */
        GenerationView: {
            /**
             * Format: int64
             * @description When it came into force, in milliseconds UTC.
             */
            at: number;
            /** @description Its name (16 hexadecimal digits). */
            generation: string;
            /** @description What changed, in one line. */
            summary: string;
        };
        /** @description Where searched words stand. */
        Hit: {
            /**
             * Format: int64
             * @description When it was sent, in milliseconds UTC.
             */
            at: number;
            /**
             * Format: int32
             * @description Number of the message.
             */
            number: number;
            /** @description The text around the words, in order. */
            pieces: components["schemas"]["Piece"][];
        };
        /** @description A plugin at one hook. */
        HookView: {
            /** @description `closed` when it is asked, `open` while it is left alone, `probing` when it is tried again. */
            breaker: string;
            /**
             * Format: int64
             * @description Calls made.
             */
            calls: number;
            /** @description Failures by kind, those that occurred. */
            failures: {
                [key: string]: number;
            };
            /** @description Which: `classifier`, `message-policy`, … */
            hook: string;
            /** @description `enforce`, `shadow` or `off`. */
            mode: string;
            /** @description `open` or `closed`. */
            on_failure: string;
            /**
             * Format: int64
             * @description Half of the calls took no longer, in microseconds, as near as the histogram tells.
             */
            p50_us?: number | null;
            /**
             * Format: int64
             * @description 99 of 100 calls took no longer.
             */
            p99_us?: number | null;
            /**
             * Format: int64
             * @description The most memory of a call.
             */
            peak_memory_bytes: number;
            /** @description Why it is left alone. */
            reason?: string | null;
            /**
             * Format: int64
             * @description Milliseconds until it is tried again.
             */
            retry_in_ms?: number | null;
            /**
             * Format: int64
             * @description In shadow: times the decision would have been the same.
             */
            shadow_agreed: number;
            /**
             * Format: int64
             * @description In shadow: times it would not.
             */
            shadow_disagreed: number;
        };
        /** @description One hour of the day. */
        HourFigures: {
            /**
             * Format: int64
             * @description Conversations that ended.
             */
            closed: number;
            /**
             * Format: int64
             * @description Conversations that came.
             */
            contacts: number;
            /**
             * Format: int32
             * @description 0 to 23.
             */
            hour: number;
        };
        /** @description What only accounts see of a conversation. */
        Inside: {
            /**
             * Format: int64
             * @description When an agent last wrote, in milliseconds UTC.
             */
            agent_wrote_at?: number | null;
            /** @description What it was about. */
            classification: components["schemas"]["Classification"];
            /** @description Whose it is (UUID). */
            consumer: string;
            /** @description `here`, `away` or `left`. */
            consumer_presence: string;
            /**
             * Format: int64
             * @description When the consumer last wrote, in milliseconds UTC.
             */
            consumer_wrote_at?: number | null;
            excerpt?: components["schemas"]["Excerpt"] | null;
            /** @description The agent of first contact. */
            first_agent?: string | null;
            /**
             * Format: int32
             * @description Transfers in this segment.
             */
            hops: number;
            /** @description The last agent who had it. */
            last_agent?: string | null;
            offer?: components["schemas"]["OfferView"] | null;
            /**
             * Format: int32
             * @description The higher goes first.
             */
            priority: number;
            /** @description What is known of the person. */
            profile: components["schemas"]["Profile"];
            /**
             * Format: int32
             * @description Grows with every reopening.
             */
            segment: number;
            /** @description The suggestions that stand. */
            suggestions: components["schemas"]["Suggestions"];
            transfer?: components["schemas"]["WaitingTransfer"] | null;
            /**
             * Format: int32
             * @description Grows with every change that matters for verdicts.
             */
            version: number;
            /**
             * Format: int64
             * @description Since when the consumer waits, in milliseconds UTC.
             */
            waiting_since?: number | null;
        };
        /** @description What was counted in a span of days. */
        Insights: {
            /** @description Ended conversations by classification. */
            by_classification: components["schemas"]["NodeFigures"][];
            /** @description Every day of the span. */
            by_day: components["schemas"]["DayFigures"][];
            /** @description Departments in which something was counted. */
            by_department: components["schemas"]["DepartmentFigures"][];
            /** @description The hours of the day, all days of the span together. */
            by_hour: components["schemas"]["HourFigures"][];
            /** @description The department, where only one was asked for. */
            department?: string | null;
            /** @description First day (`2026-11-23`), in the desk's time zone. */
            from: string;
            /** @description What became of suggestions, by plugin and node. */
            suggestions: components["schemas"]["SuggestionFigures"][];
            /** @description The desk's time zone. */
            timezone: string;
            /** @description Last day. */
            to: string;
            /** @description All of it. */
            total: components["schemas"]["Sums"];
        };
        /** @description `PUT /agents/{id}/limit`. */
        LimitBody: {
            /**
             * Format: int32
             * @description Conversations at once; null takes the own limit away.
             */
            limit?: number | null;
        };
        /** @description `POST /sessions`. */
        LoginBody: {
            /** @description The login. */
            login: string;
            /** @description The password. */
            password: string;
        };
        /** @description Who is calling. */
        Me: {
            agent?: components["schemas"]["Agent"] | null;
            /** @description The consumer's open or last conversation. */
            conversation?: string | null;
            /** @description The login or the consumer's UUID. */
            id: string;
            /**
             * Format: int32
             * @description The effective limit of conversations at once.
             */
            limit?: number | null;
            profile?: components["schemas"]["Profile"] | null;
            /** @description `agent` or `consumer`. */
            side: string;
        };
        /** @description One message or note. */
        Message: {
            /**
             * Format: int64
             * @description When it was stored, in milliseconds UTC, where known.
             */
            at?: number | null;
            /** @description Files. */
            attachments?: components["schemas"]["Attachment"][];
            /** @description Who wrote it. */
            author: components["schemas"]["Author"];
            /** @description Quick replies of a bot. */
            choices?: components["schemas"]["Choice"][];
            /** @description The sender's id for it (UUID). */
            id: string;
            /** @description Whether it is a private note. */
            note?: boolean;
            /**
             * Format: int32
             * @description Its place in the conversation, counted from 1; notes count too, so consumers see gaps. Refused ones have 0.
             */
            number: number;
            refused?: components["schemas"]["Verdict"] | null;
            /** @description Plain text. */
            text: string;
        };
        /** @description How long a message may be. */
        MessageBounds: {
            /** @description Most bytes of its text in UTF-8. */
            max_bytes: number;
        };
        /** @description Messages of a conversation, oldest first. */
        MessageList: {
            /** @description The messages. */
            messages: components["schemas"]["Message"][];
            /** @description Whether there are more in the direction asked. */
            more: boolean;
            /**
             * Format: int64
             * @description As of which position of the feed this is, at least.
             */
            position: number;
        };
        /** @description `POST /agents`. */
        NewAgentBody: {
            /** @description The login. */
            login: string;
            /** @description The name shown. */
            name: string;
            /** @description At least eight characters. */
            password: string;
            /** @description `agent`, `supervisor` or `admin`. */
            role: string;
        };
        /** @description What was found last, and whether it is being looked for now. */
        NewReasons: {
            /** @description Why the last search found nothing, if it failed. */
            failed?: string | null;
            found?: components["schemas"]["FoundReasons"] | null;
            searching?: components["schemas"]["SearchStep"] | null;
        };
        /** @description A node of the classification tree. */
        Node: {
            /** @description False once deactivated. */
            active: boolean;
            /** @description Channels it is meant for; empty: all. */
            channels: string[];
            /** @description Departments it is meant for; empty: all. */
            departments: string[];
            /** @description Its id. */
            id: string;
            /** @description Name by language. */
            name: {
                [key: string]: string;
            };
            /** @description The node above. */
            parent?: string | null;
            /**
             * Format: float
             * @description Confidence from which it is preselected.
             */
            preselect?: number | null;
            /**
             * Format: float
             * @description Confidence from which a suggestion is shown.
             */
            suggest: number;
        };
        /** @description One node of the classification tree. */
        NodeFigures: {
            /**
             * Format: int64
             * @description Conversations that ended with it.
             */
            conversations: number;
            /** @description Which; absent: not classified. */
            node?: string | null;
        };
        /** @description The classification tree. */
        NodeList: {
            /** @description All nodes, the deactivated ones too. */
            nodes: components["schemas"]["Node"][];
            /** @description Version of the tree, from its content. */
            version: string;
        };
        /** @description `POST /conversations/{id}/notes`. */
        NoteBody: {
            /**
             * Format: uuid
             * @description The sender's id for the note.
             */
            id: string;
            /** @description Plain text, at most 16 KiB. */
            text: string;
        };
        /** @description How an assignment reaches an agent. */
        OfferRules: {
            /**
             * Format: int64
             * @description How long there is for that, in milliseconds.
             */
            accept_within_ms?: number | null;
            /** @description Whether it has to be accepted. */
            manual: boolean;
        };
        /** @description An offer that waits to be accepted. */
        OfferView: {
            /**
             * Format: int64
             * @description When it was made, in milliseconds UTC.
             */
            at: number;
            /**
             * Format: int64
             * @description When it goes to the next agent, in milliseconds UTC.
             */
            until: number;
        };
        /** @description `PUT /agents/{id}/password`. */
        PasswordBody: {
            /** @description The present password; needed for one's own. */
            current?: string | null;
            /** @description The new one, at least eight characters. */
            password: string;
        };
        /** @description A piece of a text. */
        Piece: {
            /** @description Whether it was searched for. */
            hit: boolean;
            /** @description The text. */
            text: string;
        };
        /** @description Plugins as they run. */
        PluginList: {
            /** @description One per binding, in the order of `plugins.toml`. */
            plugins: components["schemas"]["PluginView"][];
        };
        /** @description A plugin as it is bound and as it runs. Figures count since the start of the desk. */
        PluginView: {
            /** @description Departments it is asked for; empty: all. */
            departments: string[];
            /** @description The package's digest (16 hexadecimal digits). */
            digest?: string | null;
            /** @description Its package in the plugins' folder. */
            file: string;
            /** @description What it may ask of the engine. */
            grants: string[];
            /** @description Where it is asked. */
            hooks: components["schemas"]["HookView"][];
            /** @description `enforce`, `shadow` or `off`, where a hook says nothing else. */
            mode: string;
            /** @description `open` or `closed`, where a hook says nothing else. */
            on_failure: string;
            /** @description The binding's id. */
            plugin: string;
            /** @description How far its word counts, and how it does. Counted from the journal, for its present version and settings. */
            promotion: components["schemas"]["PromotionView"];
            settings?: components["schemas"]["SettingsView"] | null;
            /** @description The package's version. */
            version?: string | null;
        };
        /** @description `PUT /agents/{id}/presence`. */
        PresenceBody: {
            /** @description To what. */
            presence: components["schemas"]["PresenceName"];
            /** @description Why paused. */
            reason?: string | null;
        };
        /**
         * @description Whether an agent takes conversations.
         * @enum {string}
         */
        PresenceName: "online" | "busy" | "offline";
        /** @description An error answer. */
        Problem: {
            /** @description The kind of problem for programs, in kebab-case. */
            code: string;
            /** @description What is wrong this time, and what to do. */
            detail: string;
            /** @description The field, header or parameter that is wrong. */
            field?: string | null;
            position?: components["schemas"]["TextPosition"] | null;
            /**
             * Format: int64
             * @description Seconds after which trying again makes sense; also in `Retry-After`.
             */
            retry_after?: number | null;
            /**
             * Format: int32
             * @description HTTP status.
             */
            status: number;
            /** @description The kind of problem in words. */
            title: string;
            /** @description Reference that names the kind of problem: `/problems/` and the code. */
            type: string;
        };
        /** @description What is known of a person. */
        Profile: {
            /** @description E-mail address. */
            email?: string | null;
            /** @description What the site says of the visitor. */
            facts?: {
                [key: string]: string;
            };
            /** @description Language tag. */
            locale?: string | null;
            /** @description Name. */
            name?: string | null;
        };
        /** @description `POST /plugins/{plugin}/promote`. */
        PromoteBody: {
            /**
             * Format: int32
             * @description Of so many of 100 conversations its word is to count, 1 to 100.
             */
            percent: number;
        };
        /** @description How far a plugin's word counts, and how it does at its present revision. */
        PromotionView: {
            /**
             * Format: int64
             * @description In shadow: times it would have decided what was decided.
             */
            agreed: number;
            /**
             * Format: int64
             * @description In shadow: times it would not.
             */
            differed: number;
            /** @description Whether that falls short of what the rules ask: it is not promoted, and steps back where it counts. */
            falls_short: boolean;
            /**
             * Format: double
             * @description The least share of right suggestions that the rules ask for, 0 to 1.
             */
            min_precision?: number | null;
            /**
             * Format: int32
             * @description In mode `enforce`: of so many of 100 conversations its word counts.
             */
            percent: number;
            /**
             * Format: double
             * @description `window_right / window_of`.
             */
            precision?: number | null;
            /** @description The plugin whose place it takes there. */
            replaces?: string | null;
            /** @description Package and settings as one number (16 hexadecimal digits); figures are kept for each revision. */
            revision: string;
            /**
             * Format: int64
             * @description Conversations in which people chose what it had suggested first.
             */
            right: number;
            /**
             * Format: int64
             * @description When this revision was first heard, in milliseconds UTC.
             */
            since?: number | null;
            stepped_back?: components["schemas"]["StepBackView"] | null;
            /**
             * Format: int32
             * @description Of how many of the last choices the share is taken.
             */
            window: number;
            /**
             * Format: int32
             * @description … of so many.
             */
            window_of: number;
            /**
             * Format: int32
             * @description Of the last `window` of these: how many were right …
             */
            window_right: number;
            /**
             * Format: int64
             * @description Conversations in which they chose something else.
             */
            wrong: number;
        };
        /** @description A node that could be added. */
        ProposedNode: {
            /** @description Its id, for ever. */
            id: string;
            /** @description The node above it; absent: none. */
            parent?: string | null;
            /** @description What agents read. */
            title: string;
        };
        /** @description `POST /conversations/{id}/rating`. */
        RateBody: {
            /** @description In words. */
            comment?: string;
            /**
             * Format: int32
             * @description 1 to 5.
             */
            stars: number;
        };
        /** @description Whether a transfer would be carried out, by the desk's rules. Policies are asked only when it is really tried. */
        Reach: {
            /** @description Whether it would. */
            possible: boolean;
            problem?: components["schemas"]["Problem"] | null;
            /** @description The department it would go to. */
            to_department?: string | null;
            /**
             * Format: int64
             * @description How long it would wait for that agent before it goes to the department, in milliseconds.
             */
            waits_ms?: number | null;
        };
        /** @description `POST /conversations/{id}/read`. */
        ReadBody: {
            /**
             * Format: int32
             * @description Received up to this message number.
             */
            delivered?: number;
            /**
             * Format: int32
             * @description Read up to this message number.
             */
            read?: number;
        };
        /** @description How far somebody has come, by message number. */
        ReadMark: {
            /**
             * Format: int32
             * @description Received up to.
             */
            delivered: number;
            /**
             * Format: int32
             * @description Read up to.
             */
            read: number;
        };
        /** @description Conversations about the same that fit no node. */
        ReasonGroup: {
            /**
             * Format: float
             * @description How near to each other they stand: 1 would be all the same.
             */
            cohesion: number;
            /** @description Its most typical conversations, at most 200. */
            conversations: string[];
            /**
             * Format: int64
             * @description A decline that it has outgrown, in milliseconds UTC.
             */
            declined_at?: number | null;
            /** @description Its name in commands, from the words that tell it from others. */
            id: string;
            /** @description The node whose conversations are nearest. */
            nearest?: string | null;
            /** @description The words that tell it from others, the most telling first. */
            phrases: string[];
            /** @description The node that it could become. */
            proposed: components["schemas"]["ProposedNode"];
            /** @description Typical messages; addresses and long numbers are covered. */
            samples: string[];
            /**
             * Format: int64
             * @description How many conversations it has.
             */
            size: number;
            /** @description How many began in each of the last four weeks, the latest last; empty where their time is not known. */
            weeks: number[];
        };
        /** @description Another place that matters for a problem. */
        RelatedView: {
            /** @description Path as people know it. */
            file: string;
            /** @description Counted from 1; 0 where there is none. */
            line: number;
            /** @description What stands there. */
            message: string;
        };
        /** @description A canned reply. */
        Reply: {
            /** @description Departments it is meant for; empty: all. */
            departments: string[];
            /** @description Its id. */
            id: string;
            /** @description The text by language. */
            text: {
                [key: string]: string;
            };
            /** @description Short title by language. */
            title: {
                [key: string]: string;
            };
        };
        /** @description Canned replies. */
        ReplyList: {
            /** @description The replies. */
            replies: components["schemas"]["Reply"][];
        };
        /** @description `POST /rules/rollback`. */
        RollbackBody: {
            /**
             * @description Which generation; without one: the one before.
             * @default null
             */
            to: string | null;
        };
        /** @description A rule file. */
        RuleFile: {
            /** @description Path in the rules folder. */
            path: string;
            /**
             * @description `ok` when it is in force as it lies on disk; `broken` while it keeps the files on disk from being put in force;
             *     `changed`, `added` or `removed` when it differs from what is in force without being broken itself.
             */
            state: string;
        };
        /** @description A rule file as it lies on disk. */
        RuleFileView: {
            /** @description What of it is in force, where that differs from what lies on disk. */
            in_force?: string | null;
            /** @description Path in the rules folder. */
            path: string;
            /** @description Problems and warnings in it. */
            problems: components["schemas"]["DiagnosticView"][];
            /** @description As in the list of files. */
            state: string;
            /** @description What stands in it; what is not UTF-8 is replaced. */
            text: string;
        };
        /** @description What differs between two generations. */
        RulesDiff: {
            /** @description The earlier one. */
            from: string;
            /** @description Unified diff over the rule files. */
            text: string;
            /** @description The later one. */
            to: string;
        };
        /** @description The rules in force and how the last reload went. */
        RulesView: {
            /** @description The files. */
            files: components["schemas"]["RuleFile"][];
            /** @description The generation in force (16 hexadecimal digits). */
            generation: string;
            /** @description Known generations, latest first. */
            generations: components["schemas"]["GenerationView"][];
            /** @description Whether what lies on disk is in force. */
            healthy: boolean;
            /** @description How the rules came into force, latest first. */
            history: components["schemas"]["ActivationView"][];
            /** @description What is wrong with what lies on disk. */
            problems: components["schemas"]["DiagnosticView"][];
            /** @description Whether an older generation holds until the files change. */
            rolled_back: boolean;
            /**
             * Format: int64
             * @description Since when, in milliseconds UTC.
             */
            since: number;
            /** @description What changed, in one line. */
            summary: string;
            /** @description What is doubtful about the rules in force, though they work. */
            warnings: components["schemas"]["DiagnosticView"][];
        };
        /** @description How far a search has come. */
        SearchStep: {
            /**
             * Format: int64
             * @description Steps done.
             */
            done: number;
            /**
             * Format: int64
             * @description Steps in all.
             */
            of: number;
            /** @description What is being done, in a word of English. */
            what: string;
        };
        /** @description How far a search has looked. Beyond `back_to` it has not: `next` goes on from there. */
        Searched: {
            /**
             * Format: int64
             * @description When the oldest of them ended (with `consumer`: began), in milliseconds UTC; absent: all were looked at.
             */
            back_to?: number | null;
            /** @description Closed conversations that were looked at. */
            looked_at: number;
        };
        /** @description `POST /conversations/{id}/messages`. */
        SendBody: {
            /** @description Ids of uploaded files, at most ten. */
            attachments?: string[];
            /**
             * Format: uuid
             * @description The sender's id for the message: a resend with the same id gets the first answer.
             */
            id: string;
            /** @description Plain text, at most 16 KiB. */
            text?: string;
        };
        /**
         * @description Whether a message was sent.
         * @enum {string}
         */
        SendState: "sent" | "refused";
        /** @description The answer to a message. */
        Sent: {
            /**
             * Format: int64
             * @description When the desk took it, in milliseconds UTC.
             */
            at: number;
            /** @description The conversation it went to: another than asked when it began a new one. */
            conversation: string;
            /** @description The sender's id for it. */
            id: string;
            /**
             * Format: int32
             * @description Its number there; 0 when refused.
             */
            number: number;
            /**
             * Format: int64
             * @description Its place in the journal.
             */
            position: number;
            /** @description Whether it was sent. */
            state: components["schemas"]["SendState"];
            /** @description The text as stored, when the policies rewrote it. */
            text?: string | null;
            /** @description What the policies decided. */
            verdict: components["schemas"]["Verdict"];
        };
        /** @description A session was begun. */
        SessionBegun: {
            /** @description Whose it is. */
            agent: components["schemas"]["Agent"];
            /**
             * Format: int64
             * @description When it ends unless it is used, in milliseconds UTC.
             */
            expires_at: number;
            /** @description Send it as `Authorization: Bearer TOKEN`. */
            token: string;
        };
        /** @description Something in the rule files that spoke. */
        SettingAt: {
            /** @description The file, as people know it. */
            file?: string | null;
            /** @description Counted from 1. */
            line?: number | null;
            /** @description JSON pointer within the file. */
            pointer: string;
            /** @description What stands there. */
            text?: string | null;
        };
        /** @description The settings of a plugin. */
        SettingsView: {
            /** @description Their file. */
            file: string;
            /** @description Changes with what stands in it (16 hexadecimal digits). */
            revision: string;
        };
        /** @description Why an agent was not given a conversation. */
        Skipped: {
            /** @description Who. */
            agent: string;
            /** @description `no_account`, `offline`, `busy`, `dropped`, `at_limit` or `passed`. */
            because: string;
            /** @description In words: the pause's reason, or load and limit. */
            detail?: string | null;
            /**
             * Format: int32
             * @description With `at_limit`: the limit.
             */
            limit?: number | null;
            limit_at?: components["schemas"]["SettingAt"] | null;
            /** @description With `at_limit`: whose limit it is: `desk`, `department` or `agent`. */
            limit_of?: string | null;
            /**
             * Format: int32
             * @description With `at_limit`: conversations held against it.
             */
            load?: number | null;
        };
        /** @description How times lie. They are known to a thirtieth. */
        Spread: {
            /**
             * Format: int64
             * @description How many were measured.
             */
            count: number;
            /**
             * Format: int64
             * @description Half of them were no longer, in milliseconds.
             */
            median_ms?: number | null;
            /**
             * Format: int64
             * @description Nine of ten were no longer, in milliseconds.
             */
            p90_ms?: number | null;
        };
        /** @description The events of one commit. */
        StampedEvents: {
            /**
             * Format: int64
             * @description When, in milliseconds UTC.
             */
            at: number;
            /** @description What happened, as far as the caller may see it. */
            events: components["schemas"]["Event"][];
            /** @description The rules it was decided under. */
            generation: string;
            /**
             * Format: int64
             * @description Its place in the journal.
             */
            position: number;
        };
        /** @description How a conversation stands now, and what stands against giving it to each agent of its department. */
        Standing: {
            /** @description Who has it or is offered it. */
            agent?: string | null;
            /** @description It waits for this agent by name. */
            awaits?: string | null;
            /** @description Its department. */
            department?: string | null;
            /** @description Whether the department is outside its hours. */
            department_closed: boolean;
            /**
             * Format: int64
             * @description Estimated wait for one more conversation of this department, in milliseconds; absent: nobody is there.
             */
            estimated_wait_ms?: number | null;
            /** @description Agents who could be given it, with their load. */
            free: [
                string,
                number
            ][];
            /** @description Place in the queue, counted from 1. */
            position?: number | null;
            /** @description The agent it would return to because they know each other. */
            recontact?: string | null;
            /** @description Agents who could not, with the reason. */
            skipped: components["schemas"]["Skipped"][];
            /** @description As in the conversation. */
            state: string;
        };
        /** @description The desk took a plugin back to shadow. */
        StepBackView: {
            /**
             * Format: int64
             * @description When, in milliseconds UTC.
             */
            at: number;
            /**
             * Format: double
             * @description … where the rules asked for this share.
             */
            min_precision: number;
            /**
             * Format: int32
             * @description … of so many …
             */
            of: number;
            /**
             * Format: int32
             * @description Right suggestions …
             */
            right: number;
        };
        /** @description One suggested classification. */
        Suggestion: {
            /**
             * Format: float
             * @description 0 to 1.
             */
            confidence: number;
            /** @description The words that led to it. */
            evidence: string[];
            /** @description The node. */
            node: string;
            /** @description Who proposed it. */
            plugins: string[];
        };
        /** @description What became of a plugin's suggestions of one node. */
        SuggestionFigures: {
            /**
             * Format: int64
             * @description Chosen.
             */
            accepted: number;
            /**
             * Format: int64
             * @description Another node was chosen.
             */
            changed: number;
            /**
             * Format: int64
             * @description Closed without a choice.
             */
            ignored: number;
            /** @description Which node. */
            node: string;
            /** @description Whose. */
            plugin: string;
            /**
             * Format: int64
             * @description Seen by an agent.
             */
            shown: number;
        };
        /** @description The suggestions that stand. */
        Suggestions: {
            /** @description Best first, at most three. */
            items: components["schemas"]["Suggestion"][];
            /**
             * Format: int32
             * @description Number of the set: name it when one is accepted.
             */
            set: number;
        };
        /** @description Counts and times. */
        Sums: {
            /**
             * Format: int64
             * @description Of these, without any agent.
             */
            abandoned: number;
            /**
             * Format: int64
             * @description Conversations that ended.
             */
            closed: number;
            /**
             * Format: int64
             * @description Conversations that came, and those taken up again by a new message.
             */
            contacts: number;
            /** @description From the first agent to the end. */
            handling: components["schemas"]["Spread"];
            /** @description From the wish for an agent to the first one. */
            waiting: components["schemas"]["Spread"];
        };
        /** @description Where a conversation is transferred: exactly one member. */
        TargetBody: {
            /**
             * @description To an agent.
             * @default null
             */
            agent: string | null;
            /**
             * @description To the queue of a department.
             * @default null
             */
            department: string | null;
            /**
             * @description To the agent of first contact.
             * @default null
             */
            first_contact: boolean | null;
        };
        /** @description Where a conversation could go. */
        TargetList: {
            /** @description Colleagues, and whoever else can be reached, in order of their logins. */
            agents: components["schemas"]["AgentTarget"][];
            /** @description All departments but its own, in order of their ids. */
            departments: components["schemas"]["DepartmentTarget"][];
            first_contact?: components["schemas"]["AgentTarget"] | null;
            /**
             * Format: int32
             * @description How often it can still be passed on.
             */
            transfers_left: number;
        };
        /** @description A place in a text. */
        TextPosition: {
            /** @description Counted from 1. */
            column: number;
            /** @description Counted from 1. */
            line: number;
        };
        /** @description An account's own figures of the day, which begins and ends with the desk's. */
        Today: {
            /** @description Conversations closed that the account had last. */
            finished: number;
            /**
             * Format: int64
             * @description How long they lasted in the mean, from their beginning, in milliseconds.
             */
            mean_duration_ms?: number | null;
            /** @description Conversations put off, whenever they were closed. */
            to_classify: number;
        };
        /** @description `POST /conversations/{id}/transfer`. */
        TransferBody: {
            /** @description For the receiver; the consumer does not see it. */
            note?: string;
            /** @description Where to: exactly one of the members. */
            target: components["schemas"]["TargetBody"];
        };
        /** @description A file was taken. */
        Uploaded: {
            /**
             * Format: int64
             * @description Size in bytes.
             */
            bytes: number;
            /** @description Name it in a message. */
            id: string;
            /** @description Type by content. */
            mime: string;
            /** @description Name given by the sender. */
            name: string;
            /** @description What the policies said: `allow` or `warn`. */
            verdict: components["schemas"]["Verdict"];
        };
        /** @description What the policies decided. */
        Verdict: {
            /** @description Machine-readable reason; empty with `allow`. */
            code: string;
            /** @description Reason for people; empty with `allow`. */
            detail: string;
            /** @description `allow`, `warn`, `rewritten` or `deny`. */
            kind: string;
        };
        /** @description A transfer that waits for an agent. */
        WaitingTransfer: {
            /** @description For whom. */
            agent: string;
            /** @description Where it goes when the wait is over. */
            department: string;
            /**
             * Format: int64
             * @description When the wait is over, in milliseconds UTC.
             */
            until: number;
        };
        /** @description Why a conversation waits where it waits, or why an agent was chosen. */
        Why: {
            /** @description The reason in one word: `asked`, `routed`, `claimed`, `overflow`, … */
            because: string;
            /** @description Agents who were free, with their load. */
            candidates?: [
                string,
                number
            ][];
            /** @description The agent or department the reason names. */
            from?: string | null;
            /** @description The routing rule that decided. */
            rule?: string | null;
            /** @description Agents who could not be given it, with the reason. */
            skipped?: components["schemas"]["Skipped"][];
        };
        /** @description What holds for those who work at the desk. */
        WorkRules: {
            /** @description Whether agents may set a lower limit for themselves. */
            agents_may_lower_limit: boolean;
            /** @description What a finish does. */
            finish: components["schemas"]["FinishRules"];
            /**
             * Format: int32
             * @description Conversations at once, before departments and agents lower it.
             */
            limit: number;
            /**
             * Format: int32
             * @description Most transfers in one segment of a conversation.
             */
            max_transfers: number;
            /** @description How an assignment reaches an agent. */
            offers: components["schemas"]["OfferRules"];
            /** @description What agents choose from when they pause, by language. The presence keeps the first language's text. */
            pause_reasons: {
                [key: string]: string;
            }[];
            /** @description Name of the time zone hours and days are meant in. */
            timezone: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
