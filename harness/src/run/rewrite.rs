//! A rewrite of the programs that a library runs, handed in from outside: polyfills of what the library lacks, for instance.

use std::fmt;
use std::sync::Arc;

use array_assay_interface::{Identity, Outcome, Program};
use array_assay_spec::Spec;

/// Makes the rewrite for a library, and adds to the library's identity the functions that it then has. The gaps of the standard are then those
/// of the rewrite, and not the library's own.
pub type MakeRewrite = fn(&'static Spec, &mut Identity) -> Arc<dyn Rewrite>;

/// A rewrite of programs.
pub trait Rewrite: Send + Sync {
    /// What the library runs in place of a program; `None` where that is the program itself.
    fn rewritten(&self, program: &Program) -> Option<Rewritten>;
}

/// A program in place of another one.
pub struct Rewritten {
    /// What the library runs.
    pub program: Program,
    /// The outcome of the given program, from that of this one.
    pub outcome: Box<dyn Fn(Outcome) -> Outcome + Send>,
}

impl fmt::Debug for Rewritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rewritten").field("program", &self.program).finish_non_exhaustive()
    }
}
