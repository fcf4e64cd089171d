//! What a run tells whoever watches it.

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Event<'a> {
    /// The backend said who it is; so many functions will be judged.
    Started { backend: &'a str, library: &'a str, version: &'a str, functions: usize },
    /// A layout was withdrawn, and why.
    Withdrawn { layout: &'a str, why: &'a str },
    /// A function is done: its checks, those that deviate, and all calls so far.
    Function { name: &'a str, checks: usize, deviations: usize, calls: u64 },
    /// Something worth a line.
    Note(&'a str),
}

/// Whoever watches a run.
pub trait Progress: Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

impl Progress for () {
    fn event(&self, _: Event<'_>) {}
}
