//! What is known of the library that gets polyfills.

use std::collections::BTreeSet;

use array_assay_interface::Defaults;
use array_assay_spec::Spec;

/// A library for which polyfills are specialised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Library {
    /// The paths of the functions that the library has. `None` stands for all functions of the standard.
    pub native: Option<BTreeSet<String>>,
    /// Functions that get a polyfill although the library has them.
    pub replaced: BTreeSet<String>,
    /// The default dtypes of the library.
    pub defaults: Defaults,
}

impl Library {
    /// Whether a call goes to the library's own function.
    pub fn has(&self, spec: &Spec, path: &str) -> bool {
        let own = match &self.native {
            Some(native) => native.contains(path),
            // These have no entry in the spec, and every Python library has them.
            None => spec.functions.iter().any(|f| f.path() == path),
        };
        own && !self.replaced.contains(path)
    }
}
