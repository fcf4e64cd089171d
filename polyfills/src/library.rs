//! What is known of the library that is given polyfills.

use std::collections::BTreeSet;

use array_assay_interface::Defaults;
use array_assay_spec::Spec;

/// The library for which a polyfill is specialised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Library {
    /// The paths of the functions that it has; `None`: all of the standard.
    pub native: Option<BTreeSet<String>>,
    /// Functions of which the polyfill is taken though the library has them.
    pub replaced: BTreeSet<String>,
    /// Its default dtypes.
    pub defaults: Defaults,
}

impl Library {
    /// Whether a call goes to the library's own function.
    pub fn has(&self, spec: &Spec, path: &str) -> bool {
        let own = match &self.native {
            Some(native) => native.contains(path),
            // No spec names these, and every library of Python has them.
            None => spec.functions.iter().any(|f| f.path() == path),
        };
        own && !self.replaced.contains(path)
    }
}
