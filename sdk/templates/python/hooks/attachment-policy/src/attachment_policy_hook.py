"""May this file be sent?"""

from dialogo_plugin import Hook, explain
from settings import settings
from wit_world.exports.attachment_policy import Verdict_Allow, Verdict_Deny


class AttachmentPolicy(Hook):
    def check(self, context, by, conversation, attachment, head):
        largest = settings().largest_mb
        if attachment.bytes > largest * 1e6:
            return Verdict_Deny(explain("too-large", f"files may have {largest} MB at most"))
        return Verdict_Allow()
