//! What a report is made of: runs, and what is known of their deviations.

use array_assay_format::{Cause, CheckId, Header, Results};

/// What is known of a library's deviation, such as an entry of its baseline says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The check that deviates.
    pub check: CheckId,
    /// The cause of the deviation that is explained. `None` for any.
    pub cause: Option<Cause>,
    /// The reason, in a sentence.
    pub reason: String,
    /// The URL of a page that discusses it.
    pub link: Option<String>,
}

/// Reads the results of a run, with what is known of its deviations.
pub type Read<'a, E> = Box<dyn FnOnce() -> Result<(Results, Vec<Explanation>), E> + 'a>;

/// A run to report. Its results are read when they are needed, and dropped before those of the run after the next are read.
pub struct Input<'a, E> {
    /// The header of the results.
    pub header: Header,
    /// Reads the results.
    pub read: Read<'a, E>,
}

impl<'a, E> Input<'a, E> {
    /// A run whose results are in memory, with what is known of its deviations.
    pub fn given(results: &'a Results, known: Vec<Explanation>) -> Input<'a, E> {
        Input { header: results.header.clone(), read: Box::new(move || Ok((results.clone(), known))) }
    }
}
