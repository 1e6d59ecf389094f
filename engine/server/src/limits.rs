//! How often one visitor may do something. Every visitor has a pot of their own; there is none that all share.
//!
//! The figures come from the rules in force and follow them when they change. Pots are kept in memory only: after a
//! restart everybody starts with a full one.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use dialogo_domain::ConsumerId;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::auth::Caller;
use crate::problem::Problem;

/// So many times in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How often; 0: never.
    pub times: u32,
    /// Within this time.
    pub per: Duration,
}

/// What one visitor may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitorLimits {
    /// Messages of one consumer.
    pub messages: Rate,
    /// Files of one consumer.
    pub uploads: Rate,
    /// New consumers from one address.
    pub new_consumers: Rate,
}

impl Default for VisitorLimits {
    /// As the rule files have it when they say nothing.
    fn default() -> Self {
        let hour = Duration::from_secs(3_600);
        Self {
            messages: Rate { times: 10, per: Duration::from_secs(10) },
            uploads: Rate { times: 30, per: hour },
            new_consumers: Rate { times: 600, per: hour },
        }
    }
}

/// Requests and small frames (typing, read marks) a consumer may make besides messages: a widget that polls every
/// second and marks every message read stays far below.
const CONSUMER_REQUESTS: Rate = Rate { times: 600, per: Duration::from_secs(60) };
/// Messages and requests of one account: four fast typists, macros and a console that reloads; a runaway script is above.
const ACCOUNT_REQUESTS: Rate = Rate { times: 60_000, per: Duration::from_secs(60) };
/// Tries to log in, for one login from one address.
const LOGINS: Rate = Rate { times: 10, per: Duration::from_secs(300) };
/// Tries to log in from one address, whatever the login: an office behind one address still gets in.
const LOGINS_OF_ADDRESS: Rate = Rate { times: 120, per: Duration::from_secs(300) };

/// Pots by key.
struct Pots<K: Hash + Eq + Clone>(Option<DefaultKeyedRateLimiter<K>>);

impl<K: Hash + Eq + Clone> Pots<K> {
    fn new(rate: Rate) -> Self {
        let Some(times) = NonZeroU32::new(rate.times) else { return Self(None) };
        let replenish = (rate.per / rate.times).max(Duration::from_nanos(1));
        Self(
            Quota::with_period(replenish).map(|quota| RateLimiter::keyed(quota.allow_burst(times))),
        )
    }

    /// Seconds until it may be done again, if it may not now.
    fn take(&self, key: &K) -> Result<(), u64> {
        let Some(pots) = &self.0 else { return Err(3_600) };
        pots.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }

    fn forget_full(&self) {
        if let Some(pots) = &self.0 {
            pots.retain_recent();
            pots.shrink_to_fit();
        }
    }
}

/// The pots that follow the rules.
struct Ruled {
    limits: VisitorLimits,
    messages: Pots<ConsumerId>,
    uploads: Pots<ConsumerId>,
    new_consumers: Pots<IpAddr>,
}

impl Ruled {
    fn new(limits: VisitorLimits) -> Self {
        Self {
            limits,
            messages: Pots::new(limits.messages),
            uploads: Pots::new(limits.uploads),
            new_consumers: Pots::new(limits.new_consumers),
        }
    }
}

/// All pots.
pub struct Limits {
    ruled: ArcSwap<Ruled>,
    consumer_requests: Pots<ConsumerId>,
    account_requests: Pots<Arc<str>>,
    logins: Pots<(IpAddr, Arc<str>)>,
    logins_of_address: Pots<IpAddr>,
}

/// An IPv6 visitor holds a whole /64, so the pot is the network's.
fn visitor_address(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => IpAddr::V4(four),
            None => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
        },
    }
}

impl Limits {
    /// Full pots.
    pub fn new(limits: VisitorLimits) -> Self {
        Self {
            ruled: ArcSwap::from_pointee(Ruled::new(limits)),
            consumer_requests: Pots::new(CONSUMER_REQUESTS),
            account_requests: Pots::new(ACCOUNT_REQUESTS),
            logins: Pots::new(LOGINS),
            logins_of_address: Pots::new(LOGINS_OF_ADDRESS),
        }
    }

    /// Follows the rules. Pots whose figures have not changed keep what is in them.
    pub fn follow(&self, limits: VisitorLimits) {
        if self.ruled.load().limits != limits {
            self.ruled.store(Arc::new(Ruled::new(limits)));
        }
    }

    /// Any request that is not a message.
    pub fn request(&self, caller: &Caller) -> Result<(), Problem> {
        let taken = match caller {
            Caller::Consumer(consumer) => self.consumer_requests.take(consumer),
            Caller::Account(account) => self.account_requests.take(&Arc::from(account.id.as_str())),
        };
        taken.map_err(|seconds| Problem::too_many("requests", seconds))
    }

    /// A message.
    pub fn message(&self, caller: &Caller) -> Result<(), Problem> {
        let taken = match caller {
            Caller::Consumer(consumer) => self.ruled.load().messages.take(consumer),
            Caller::Account(account) => self.account_requests.take(&Arc::from(account.id.as_str())),
        };
        taken.map_err(|seconds| Problem::too_many("messages", seconds))
    }

    /// A file.
    pub fn upload(&self, caller: &Caller) -> Result<(), Problem> {
        let Caller::Consumer(consumer) = caller else { return Ok(()) };
        self.ruled
            .load()
            .uploads
            .take(consumer)
            .map_err(|seconds| Problem::too_many("files", seconds))
    }

    /// A new consumer.
    pub fn new_consumer(&self, address: IpAddr) -> Result<(), Problem> {
        let taken = self.ruled.load().new_consumers.take(&visitor_address(address));
        taken.map_err(|seconds| Problem::too_many("new conversations from your address", seconds))
    }

    /// A try to log in.
    pub fn login(&self, address: IpAddr, login: &str) -> Result<(), Problem> {
        let address = visitor_address(address);
        // A long login is cut: the pots must not become a way to fill the memory.
        let login: String = login.chars().take(64).collect();
        let taken = self
            .logins_of_address
            .take(&address)
            .and_then(|()| self.logins.take(&(address, login.into())));
        taken.map_err(|seconds| Problem::too_many("tries to log in", seconds))
    }

    /// Forgets pots that are full again.
    pub fn sweep(&self) {
        let ruled = self.ruled.load();
        ruled.messages.forget_full();
        ruled.uploads.forget_full();
        ruled.new_consumers.forget_full();
        self.consumer_requests.forget_full();
        self.account_requests.forget_full();
        self.logins.forget_full();
        self.logins_of_address.forget_full();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(times: u32) -> VisitorLimits {
        let messages = Rate { times, per: Duration::from_secs(3_600) };
        VisitorLimits { messages, ..VisitorLimits::default() }
    }

    #[test]
    fn every_visitor_has_a_pot_of_their_own() {
        let limits = Limits::new(limits(2));
        let (one, other) = (Caller::Consumer(ConsumerId(1)), Caller::Consumer(ConsumerId(2)));
        assert!(limits.message(&one).is_ok());
        assert!(limits.message(&one).is_ok());
        let problem = limits.message(&one).unwrap_err();
        assert_eq!(problem.status, 429);
        assert!(
            problem.retry_after.is_some_and(|seconds| (1..=1_800).contains(&seconds)),
            "{problem:?}"
        );
        assert!(limits.message(&other).is_ok());
    }

    #[test]
    fn the_rules_raise_a_limit_while_it_runs() {
        let pots = Limits::new(limits(1));
        let caller = Caller::Consumer(ConsumerId(1));
        assert!(pots.message(&caller).is_ok());
        pots.follow(limits(1));
        assert!(pots.message(&caller).is_err(), "the same figures do not refill a pot");
        pots.follow(limits(1_000));
        assert!((0..1_000).all(|_| pots.message(&caller).is_ok()));
    }

    #[test]
    fn zero_means_never() {
        let none = Rate { times: 0, per: Duration::from_secs(1) };
        let pots = Limits::new(VisitorLimits { uploads: none, ..VisitorLimits::default() });
        assert_eq!(pots.upload(&Caller::Consumer(ConsumerId(1))).unwrap_err().status, 429);
    }

    #[test]
    fn logins_are_counted_by_address_and_login() {
        let pots = Limits::new(VisitorLimits::default());
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        assert!((0..10).all(|_| pots.login(here, "ana").is_ok()));
        assert_eq!(pots.login(here, "ana").unwrap_err().status, 429);
        assert!(pots.login(here, "bia").is_ok());
        assert!(pots.login("192.0.2.2".parse().unwrap(), "ana").is_ok());
    }

    #[test]
    fn one_network_is_one_visitor_in_ipv6() {
        let net = |text: &str| visitor_address(text.parse().unwrap());
        assert_eq!(net("2001:db8:1:2:3::4"), net("2001:db8:1:2:ffff::1"));
        assert_ne!(net("2001:db8:1:2::1"), net("2001:db8:1:3::1"));
        assert_eq!(net("::ffff:192.0.2.1"), net("192.0.2.1"));
    }
}
