//! Which conversations belong to a plugin's share: always the same ones, for a plugin that counts, or is recorded, in a
//! part of them only.

use sha2::{Digest, Sha256};

/// Whether the word of `plugin` counts in this conversation when it counts in `percent` of 100. Who is in at 10 is in at 50;
/// different plugins have different shares.
pub(crate) fn counts(plugin: &str, conversation: &str, percent: u8) -> bool {
    percent >= 100 || place(plugin, "", conversation) < f64::from(percent) / 100.0
}

/// Whether the calls of `plugin` are recorded in this conversation when they are in `share` of all, 0 to 1. Has nothing to
/// do with where its word counts.
pub(crate) fn recorded(plugin: &str, conversation: &str, share: f64) -> bool {
    share >= 1.0 || place(plugin, "recorded", conversation) < share
}

/// Where a conversation stands among all, 0 to 1: evenly spread, and each `lot` in another order.
fn place(plugin: &str, lot: &str, conversation: &str) -> f64 {
    let digest = Sha256::new().chain_update(plugin).chain_update(lot).chain_update([0]);
    let digest: [u8; 32] = digest.chain_update(conversation).finalize().into();
    let [a, b, c, d, ..] = digest;
    f64::from(u32::from_be_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_as_large_as_it_says_and_grows_without_losing_anybody() {
        let ids: Vec<String> = (0..10_000).map(|number| format!("conversation-{number}")).collect();
        let share =
            |percent| ids.iter().filter(|id| counts("keywords", id, percent)).collect::<Vec<_>>();
        let (ten, fifty, all) = (share(10), share(50), share(100));
        assert!((900..1_100).contains(&ten.len()), "{}", ten.len());
        assert!((4_800..5_200).contains(&fifty.len()), "{}", fifty.len());
        assert_eq!(all.len(), ids.len());
        assert!(ten.iter().all(|id| fifty.contains(id)));
        let other = ids.iter().filter(|id| counts("learned", id, 10));
        assert!(other.filter(|id| ten.contains(id)).count() < 200);
    }

    #[test]
    fn what_is_recorded_is_a_share_of_its_own() {
        let ids: Vec<String> = (0..10_000).map(|number| format!("conversation-{number}")).collect();
        let kept: Vec<_> = ids.iter().filter(|id| recorded("keywords", id, 0.05)).collect();
        assert!((420..580).contains(&kept.len()), "{}", kept.len());
        assert!(kept.iter().filter(|id| counts("keywords", id, 10)).count() < 100);
        assert!(kept.iter().all(|id| recorded("keywords", id, 0.06)));
        assert!(ids.iter().all(|id| recorded("keywords", id, 1.0)));
        assert!(!ids.iter().any(|id| recorded("keywords", id, 0.0)));
    }
}
