//! What a run reports while it goes on.

/// Something that a run reports.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Event<'a> {
    /// The backend said who it is. `functions` is the number of functions that will be judged.
    Started { backend: &'a str, library: &'a str, version: &'a str, functions: usize },
    /// A layout cannot be used.
    Withdrawn { layout: &'a str, why: &'a str },
    /// A function is done. `calls` is the number of all calls so far, the other numbers are about the function.
    Function { name: &'a str, checks: usize, deviations: usize, calls: u64 },
    /// A note.
    Note(&'a str),
}

/// Receives the reports of a run.
pub trait Progress: Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

impl Progress for () {
    fn event(&self, _: Event<'_>) {}
}
