declare module 'dialogo:plugin/types@0.1.0' {
  /**
   * An opaque id.
   */
  export type Id = string;
  /**
   * A time in milliseconds since 1970-01-01T00:00:00Z.
   */
  export type Millis = bigint;
  /**
   * The value of a fact.
   */
  export type FactValue = FactValueFlag | FactValueNumber | FactValueText | FactValueTexts;
  /**
   * Yes or no.
   */
  export interface FactValueFlag {
    tag: 'flag',
    val: boolean,
  }
  /**
   * A number; its unit belongs to the key's meaning.
   */
  export interface FactValueNumber {
    tag: 'number',
    val: number,
  }
  /**
   * A text.
   */
  export interface FactValueText {
    tag: 'text',
    val: string,
  }
  /**
   * Several texts.
   */
  export interface FactValueTexts {
    tag: 'texts',
    val: Array<string>,
  }
  /**
   * Something more that the host knows: where the contract grows without breaking anybody. A key that is absent is not
   * known or does not apply; a key that a plugin does not know must not disturb it. All keys stand in the page on facts.
   */
  export interface Fact {
    /**
     * The key, for example `waited-seconds`.
     */
    key: string,
    /**
     * Its value; a key always has the same kind of value.
     */
    value: FactValue,
  }
  /**
   * Who somebody is in a conversation.
   * # Variants
   * 
   * ## `"consumer"`
   * 
   * Who wrote in.
   * ## `"agent"`
   * 
   * Who answers.
   * ## `"bot"`
   * 
   * A plugin that answers before an agent does.
   * ## `"system"`
   * 
   * The desk itself.
   */
  export type Side = 'consumer' | 'agent' | 'bot' | 'system';
  /**
   * How a conversation came in.
   * # Variants
   * 
   * ## `"web"`
   * 
   * The widget on a site.
   * ## `"mobile"`
   * 
   * An app.
   * ## `"email"`
   * 
   * Electronic mail.
   * ## `"social"`
   * 
   * A social network.
   * ## `"voice"`
   * 
   * A transcribed call.
   * ## `"api"`
   * 
   * Another program.
   */
  export type Channel = 'web' | 'mobile' | 'email' | 'social' | 'voice' | 'api';
  /**
   * Whether an agent is there.
   * # Variants
   * 
   * ## `"online"`
   * 
   * Takes conversations.
   * ## `"busy"`
   * 
   * There, and takes no new ones.
   * ## `"away"`
   * 
   * Lost from the network a moment ago, or gone for a while.
   * ## `"offline"`
   * 
   * Not connected.
   */
  export type Presence = 'online' | 'busy' | 'away' | 'offline';
  /**
   * Where a conversation stands.
   * # Variants
   * 
   * ## `"bot"`
   * 
   * A bot answers.
   * ## `"queued"`
   * 
   * Waits for an agent.
   * ## `"offered"`
   * 
   * Shown to an agent who has not taken it yet.
   * ## `"active"`
   * 
   * An agent has it.
   * ## `"on-hold"`
   * 
   * Put aside by its agent.
   * ## `"closed"`
   * 
   * Over.
   */
  export type State = 'bot' | 'queued' | 'offered' | 'active' | 'on-hold' | 'closed';
  /**
   * Somebody who takes part in a conversation.
   */
  export interface Participant {
    /**
     * Opaque. A consumer's is good inside one conversation only.
     */
    id: Id,
    /**
     * Which side they are on.
     */
    side: Side,
    /**
     * The name that is shown; none without the permission `participant.name`.
     */
    name?: string,
    /**
     * Language as a BCP 47 tag (`pt-BR`); none without the permission `participant.locale`.
     */
    locale?: string,
    /**
     * What is known besides; a consumer's come from the page they write from and prove nothing.
     */
    facts: Array<Fact>,
  }
  /**
   * An agent, as `directory` tells of them.
   */
  export interface Agent {
    /**
     * Opaque id.
     */
    id: Id,
    /**
     * Whether they are there.
     */
    presence: Presence,
    /**
     * Conversations that count against their capacity now.
     */
    load: number,
    /**
     * Conversations they may have at most.
     */
    capacity: number,
    /**
     * Ids of the departments they belong to.
     */
    departments: Array<Id>,
    /**
     * What they can do, as the rules name it; may be empty.
     */
    skills: Array<string>,
  }
  /**
   * A department, as `directory` tells of it.
   */
  export interface Department {
    /**
     * Its id in the rule files.
     */
    id: Id,
    /**
     * Its name in the desk's language.
     */
    name: string,
    /**
     * Whether it is within its hours at `call-context.now`.
     */
    openNow: boolean,
    /**
     * Conversations waiting in its queue.
     */
    waiting: number,
    /**
     * Its agents who are online.
     */
    onlineAgents: number,
  }
  /**
   * A file that somebody sends. The file itself never enters the sandbox: what the host found in it are its facts.
   */
  export interface Attachment {
    /**
     * Opaque id.
     */
    id: Id,
    /**
     * File name as sent; at most a name, never a path.
     */
    name: string,
    /**
     * Media type as the sender declares it; may be empty or wrong.
     */
    mime: string,
    /**
     * Media type found in the bytes; none when they show none.
     */
    sniffedMime?: string,
    /**
     * Size in bytes.
     */
    bytes: bigint,
    /**
     * SHA-256 of the bytes in lower-case hexadecimal; none when it was not computed.
     */
    sha256?: string,
    /**
     * What the host found inside (`content.*`, `archive.*`, `image.*` …).
     */
    facts: Array<Fact>,
  }
  /**
   * One kind of emoji in a text, however often it occurs there.
   */
  export interface Emoji {
    /**
     * One grapheme cluster, fully qualified where it is a known emoji.
     */
    text: string,
    /**
     * Its short code without the colons (`thumbsup`); none when it has none.
     */
    shortcode?: string,
    /**
     * Where it first stands, in bytes of the message's text.
     */
    offset: number,
    /**
     * How many times it occurs; at least 1.
     */
    count: number,
  }
  /**
   * Something that was said, or is about to be.
   */
  export interface Message {
    /**
     * Opaque id.
     */
    id: Id,
    /**
     * Who says it.
     */
    author: Participant,
    /**
     * When, in milliseconds since 1970.
     */
    at: Millis,
    /**
     * What is said; may be empty when files come with it.
     */
    text: string,
    /**
     * The emojis in `text`, in the order of their first place; filled in for the message under judgement only.
     */
    emojis: Array<Emoji>,
    /**
     * The files that come with it.
     */
    attachments: Array<Attachment>,
    /**
     * What is known besides.
     */
    facts: Array<Fact>,
  }
  /**
   * A conversation as a plugin sees it: never more of it than the manifest asks for and the operator grants.
   */
  export interface Conversation {
    /**
     * Opaque id.
     */
    id: Id,
    /**
     * How it came in.
     */
    channel: Channel,
    /**
     * Where it stands.
     */
    state: State,
    /**
     * When it began, in milliseconds since 1970.
     */
    openedAt: Millis,
    /**
     * Id of its department; none when it has none yet.
     */
    department?: Id,
    /**
     * Id of the agent who has it; none when nobody has.
     */
    agent?: Id,
    /**
     * Who wrote in.
     */
    consumer: Participant,
    /**
     * Node of the classification tree, draft or final; none when none was chosen.
     */
    classification?: Id,
    /**
     * The last messages, oldest first: as many as `needs.recent_messages` of the manifest asks for (at most 50, of
     * which a running desk has the last 20 at hand).
     */
    recent: Array<Message>,
    /**
     * Messages of the conversation altogether.
     */
    totalMessages: number,
    /**
     * What is known about the moment (`waited-seconds`, `department.open-now` …).
     */
    facts: Array<Fact>,
  }
  /**
   * Handed to every call. A plugin has no clock and no randomness but these, so that each call can be repeated from its
   * recording with the same answer.
   */
  export interface CallContext {
    /**
     * The call's id; stands in the log and beside the recorded decision.
     */
    callId: string,
    /**
     * The clock, in milliseconds since 1970; the same for all plugins asked about one event.
     */
    now: Millis,
    /**
     * All the randomness there is; the same for the same subject.
     */
    seed: bigint,
    /**
     * Nothing will come of the answer: a case, a backtest.
     */
    dryRun: boolean,
    /**
     * CPU time that the call may take, in microseconds. Past it the sandbox is ended.
     */
    budgetMicros: number,
  }
  /**
   * Why a plugin says what it says. People read it; what is too long is shortened by the host.
   */
  export interface Explanation {
    /**
     * A stable word for programs and figures, for example `denied-word`; at most 64 bytes.
     */
    code: string,
    /**
     * A sentence for people; at most 1,000 bytes.
     */
    detail: string,
    /**
     * What it rests on, for example the words that were found; at most 16 of at most 300 bytes.
     */
    evidence: Array<string>,
  }
  /**
   * How a plugin says that it gives no answer. A trap or a passed deadline counts like `internal`.
   */
  export type PluginError = PluginErrorNotApplicable | PluginErrorMisconfigured | PluginErrorUnavailable | PluginErrorInternal;
  /**
   * It has no opinion; the desk goes on as if it had not been asked. Never counts as a failure.
   */
  export interface PluginErrorNotApplicable {
    tag: 'not-applicable',
  }
  /**
   * Settings or catalogue do not fit it, with what is wrong. Does not open the breaker.
   */
  export interface PluginErrorMisconfigured {
    tag: 'misconfigured',
    val: string,
  }
  /**
   * Try again later, with why. Opens the breaker slowly.
   */
  export interface PluginErrorUnavailable {
    tag: 'unavailable',
    val: string,
  }
  /**
   * A defect, with what is wrong. Opens the breaker: after five in a row the plugin is left alone for a while.
   */
  export interface PluginErrorInternal {
    tag: 'internal',
    val: string,
  }
}
