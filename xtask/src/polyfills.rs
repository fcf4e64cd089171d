//! Gives a library polyfills for the functions that it lacks, as far as its own functions suffice for them.

use std::sync::Arc;

use array_assay_harness::run::{Rewrite, Rewritten};
use array_assay_interface::{Identity, Program};
use array_assay_polyfills::Substitution;
use array_assay_spec::Spec;

/// Replaces calls of functions that a library lacks by the steps of their polyfills.
struct Polyfills(Substitution<'static>);

impl Rewrite for Polyfills {
    fn rewritten(&self, program: &Program) -> Option<Rewritten> {
        let substituted = self.0.apply(program)?;
        let program = substituted.program.clone();
        Some(Rewritten { program, outcome: Box::new(move |outcome| substituted.outcome(outcome)) })
    }
}

/// The rewrite that gives a library its polyfills.
pub fn rewrite(spec: &'static Spec, identity: &mut Identity) -> Arc<dyn Rewrite> {
    Arc::new(Polyfills(Substitution::completing(spec, identity)))
}
