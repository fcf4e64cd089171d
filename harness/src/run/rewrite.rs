//! A rewrite of the programs that a library runs. It is handed in from outside, for example to give a library polyfills.

use std::fmt;
use std::sync::Arc;

use array_assay_interface::{Identity, Outcome, Program};
use array_assay_spec::Spec;

/// Makes the rewrite for a library, and adds the functions that the rewrite provides to the library's identity. Gaps are then judged as the
/// rewrite provides them, not the library.
pub type MakeRewrite = fn(&'static Spec, &mut Identity) -> Arc<dyn Rewrite>;

/// A rewrite of programs.
pub trait Rewrite: Send + Sync {
    /// The program that the library runs instead. `None` if it runs the program itself.
    fn rewritten(&self, program: &Program) -> Option<Rewritten>;
}

/// A program in place of another one.
pub struct Rewritten {
    /// The program that the library runs.
    pub program: Program,
    /// Turns the outcome of this program into that of the original one.
    pub outcome: Box<dyn Fn(Outcome) -> Outcome + Send>,
}

impl fmt::Debug for Rewritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rewritten").field("program", &self.program).finish_non_exhaustive()
    }
}
