//! The standard as a whole: what the YAML files say, checked.

use std::collections::BTreeMap;

use array_assay_interface::DType;

use crate::Dtypes;
use crate::capabilities::Capability;
use crate::clause::TopicPage;
use crate::gap::{Gap, Measure};
use crate::model::Function;
use crate::pages::Pages;
use crate::polyfill::Polyfill;

/// The standard.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spec {
    /// Dtypes and promotion.
    pub dtypes: Dtypes,
    /// Functions, in the order of their files.
    pub functions: Vec<Function>,
    /// Functions that consumers need and the standard lacks, in the order of their files.
    pub gaps: Vec<Gap>,
    /// How demand for them is measured.
    pub measures: Vec<Measure>,
    /// Bodies of functions, of the standard and of gaps, composed of other functions.
    pub polyfills: Vec<Polyfill>,
    /// Accuracy profiles by name.
    pub profiles: BTreeMap<String, Profile>,
    /// The topic pages.
    pub topics: Vec<TopicPage>,
    /// The pages of the standard's site.
    pub pages: Pages,
    /// What a library may say to lack.
    pub capabilities: Vec<Capability>,
    /// The commit of data-apis/array-api that [`Revision::Draft`](array_assay_format::Revision::Draft) means.
    pub draft: String,
}

/// Limits in ULP by function; `complex` is the normwise limit for complex results.
pub type Profile = BTreeMap<String, f64>;

impl Spec {
    /// A function by category and name.
    pub fn function(&self, category: &str, name: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.category == category && f.name == name)
    }

    /// The gaps, in the order of their files.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// A gap by name.
    pub fn gap(&self, name: &str) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.function.name == name)
    }

    /// The functions of the standard, then the gaps that programs can judge.
    pub fn with_gaps(&self) -> impl Iterator<Item = &Function> {
        self.functions.iter().chain(self.gaps.iter().filter(|gap| gap.untestable.is_none()).map(|gap| &gap.function))
    }

    /// The functions of the standard, then all gaps.
    pub fn with_all_gaps(&self) -> impl Iterator<Item = &Function> {
        self.functions.iter().chain(self.gaps.iter().map(|gap| &gap.function))
    }

    /// The names of the extensions, in the order of their files.
    pub fn extensions(&self) -> Vec<&str> {
        let mut out: Vec<&str> = self.functions.iter().filter_map(Function::extension).collect();
        out.dedup();
        out
    }

    /// The limit of the default accuracy profile for results of `dtype`.
    pub fn accuracy_limit(&self, function: &str, dtype: DType) -> Option<f64> {
        let profile = self.profiles.get("default")?;
        profile.get(if dtype.is_complex() { "complex" } else { function }).copied()
    }
}
