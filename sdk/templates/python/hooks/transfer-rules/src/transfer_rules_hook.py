"""Should this conversation go elsewhere?"""

from dialogo_plugin import Hook, explain, number
from settings import settings
from wit_world.exports.transfer_rules import (
    Decision_Abstain,
    Decision_MoveTo,
    Target_Department,
    Trigger,
)


class TransferRules(Hook):
    def decide(self, context, trigger, requested, conversation):
        rules = settings()
        waited = number(conversation, "waited-seconds") or 0
        too_long = trigger == Trigger.WAITED_TOO_LONG and waited >= rules.patient_minutes * 60
        if rules.then_to is None or not too_long:
            return Decision_Abstain()
        why = explain("waited-too-long", f"waited {int(waited // 60)} minutes")
        return Decision_MoveTo((Target_Department(rules.then_to), why))
