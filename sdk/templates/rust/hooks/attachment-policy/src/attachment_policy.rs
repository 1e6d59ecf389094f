//! May this file be sent?

use dialogo_plugin::attachment_policy::Verdict;
use dialogo_plugin::{
    Attachment, AttachmentPolicy, CallContext, Conversation, PluginError, Side, explain,
};

use crate::{Plugin, settings};

impl AttachmentPolicy for Plugin {
    fn check(
        _: &CallContext,
        _: Side,
        _: &Conversation,
        attachment: &Attachment,
        _head: &[u8],
    ) -> Result<Verdict, PluginError> {
        let largest_mb = settings::get()?.largest_mb;
        Ok(if attachment.bytes as f64 > largest_mb * 1e6 {
            Verdict::Deny(explain("too-large", format!("files may have {largest_mb} MB at most")))
        } else {
            Verdict::Allow
        })
    }
}
