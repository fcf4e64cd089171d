//! Gives a library polyfills for the functions that it lacks, as far as its own functions suffice for them.

use std::sync::Arc;

use array_assay_harness::run::{Rewrite, Rewritten};
use array_assay_interface::{Defaults, Identity, Parameter, Presence, Program};
use array_assay_polyfills::{Library, Substitution};
use array_assay_spec::{Function, Spec};

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
    Arc::new(Polyfills(substitution(spec, identity)))
}

/// The polyfills for a library. Updates `identity`, so that the library seems to have the polyfilled functions. A gap of the standard always
/// gets its polyfill, even if the library has a function of its own for it, so that the run tests the polyfill.
pub fn substitution<'s>(spec: &'s Spec, identity: &mut Identity) -> Substitution<'s> {
    let library = Library {
        native: Some(identity.functions.keys().cloned().collect()),
        replaced: spec.gaps.iter().map(|gap| gap.function.path()).collect(),
        defaults: Defaults::named(&identity.default_dtypes),
    };
    let substitution = Substitution::new(spec, library);
    for gap in &spec.gaps {
        identity.functions.remove(&gap.function.path());
    }
    for polyfilled in &substitution.plan().polyfilled {
        if let Some(function) = spec.at_path(&polyfilled.path) {
            identity.functions.insert(polyfilled.path.clone(), Presence { signature: Some(signature(function)) });
        }
    }
    substitution
}

/// The signature of a function, which is also that of its polyfill.
fn signature(function: &Function) -> Vec<Parameter> {
    let parameters = function.signature.parameters.iter();
    parameters.map(|p| Parameter { name: p.name.clone(), kind: p.kind, default: p.default.clone() }).collect()
}
