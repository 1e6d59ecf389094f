//! Which conversations belong to a plugin's share: always the same ones, for a plugin that counts in a part of them only.

use sha2::{Digest, Sha256};

/// Whether the word of `plugin` counts in this conversation when it counts in `percent` of 100. Who is in at 10 is in at 50;
/// different plugins have different shares.
pub(crate) fn counts(plugin: &str, conversation: &str, percent: u8) -> bool {
    if percent >= 100 {
        return true;
    }
    let digest = Sha256::new().chain_update(plugin).chain_update([0]).chain_update(conversation);
    let digest: [u8; 32] = digest.finalize().into();
    let [a, b, c, d, ..] = digest;
    u64::from(u32::from_be_bytes([a, b, c, d])) * 100 < u64::from(percent) << 32
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
}
