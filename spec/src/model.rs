//! The model: what the YAML files say, checked.

use std::collections::BTreeMap;

use array_assay_format::{CheckId, ClauseRef, Level, Property, Revision};
use array_assay_interface::DType;

use crate::expr::Expr;
use crate::rules::Rule;
use crate::{DtypeSet, Dtypes, SpecSignature};

/// The standard.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spec {
    /// Dtypes and promotion.
    pub dtypes: Dtypes,
    /// Functions, in the order of their files.
    pub functions: Vec<Function>,
    /// Accuracy profiles by name.
    pub profiles: BTreeMap<String, Profile>,
    /// The topic pages.
    pub topics: Vec<TopicPage>,
}

/// Limits in ULP by function; `complex` is the normwise limit for complex results.
pub type Profile = BTreeMap<String, f64>;

/// A function of the standard.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its category, such as `elementwise`.
    pub category: String,
    /// Its name.
    pub name: String,
    /// The first revision that has it.
    pub since: Revision,
    /// The last one, if it ended.
    pub until: Option<Revision>,
    /// Its signature.
    pub signature: SpecSignature,
    /// Its array operands, in the order of the signature.
    pub operands: Vec<Operand>,
    /// Rules for the result.
    pub result: ResultRule,
    /// How the value is judged, by input dtype.
    pub value: BTreeMap<DType, ValueClass>,
    /// What the text leaves free.
    pub freedoms: Freedoms,
    /// Values that replace drawn elements of an operand where the result would be left open.
    pub safe: BTreeMap<String, SafeValue>,
    /// Elements for which the text leaves the result open.
    pub unspecified: Option<Expr>,
    /// Known hard inputs: worst cases, past bugs, whatever two seeds disagreed on.
    pub hard: Vec<Vec<Expr>>,
    /// Special cases, those derived from other functions and symmetries included.
    pub rules: Vec<Rule>,
    /// The other clauses.
    pub clauses: Vec<ClauseEntry>,
}

/// An array operand.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    /// The parameter's name.
    pub name: String,
    /// Its domain in the newest revision.
    pub dtypes: DtypeSet,
    /// Dtypes that came later than the function.
    pub added: BTreeMap<DType, Revision>,
    /// The revision since which Python scalars are legal.
    pub scalars: Option<Revision>,
    /// It may be left out or `None`.
    pub optional: bool,
    /// The operand whose dtype it must share.
    pub same_as: Option<String>,
}

/// Rules for the result.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultRule {
    /// Its dtype.
    pub dtype: DtypeRule,
    /// How binding the rule on the dtype is.
    pub dtype_level: Level,
    /// Its shape.
    pub shape: ShapeRule,
}

/// Rules for the result's dtype.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DtypeRule {
    /// The promotion of all array operands.
    Promote,
    /// That of the first operand.
    Same,
    /// `bool`.
    Boolean,
    /// The real dtype of the same precision.
    RealOf,
}

/// Rules for the result's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeRule {
    /// The broadcast of all operands.
    Broadcast,
    /// That of the first operand.
    Same,
}

/// How a value is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueClass {
    /// Bit for bit up to the freedoms.
    Exact,
    /// Correctly rounded.
    Rounded,
    /// Graded in ULP.
    Approximate,
}

/// What replaces an element whose result would be left open.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub enum SafeValue {
    /// A number.
    Number(i64),
    /// The element of another operand at the same place.
    Operand(String),
}

/// What the text leaves free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Freedoms {
    /// The sign of zero results.
    pub zero_sign: Freedom,
}

/// Whether something is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freedom {
    /// As computed.
    #[default]
    Kept,
    /// Any.
    Any,
}

/// A normative statement that is not a special case.
#[derive(Debug, Clone, PartialEq)]
pub struct ClauseEntry {
    /// Its name within the function or page.
    pub slug: String,
    /// How binding.
    pub level: ClauseLevel,
    /// The checks that test it: properties of the function (`dtype`, `dtype/scalar`), or globs over ids on topic pages.
    pub tests: Vec<String>,
    /// Why no program can test it.
    pub untestable: Option<String>,
    /// A paraphrase.
    pub says: Option<String>,
    /// Hashes of the upstream sentences that it encodes.
    pub source: Source,
}

/// Hashes of upstream sentences.
pub type Source = Vec<String>;

/// How binding a statement is; unlike [`Level`] with permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ClauseLevel {
    Must,
    Should,
    May,
}

/// A topic page and its clauses.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicPage {
    /// Its path below the revision's folder, such as `design_topics/accuracy`.
    pub page: String,
    /// What it says.
    pub clauses: Vec<ClauseEntry>,
}

/// How a symmetry maps argument and result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SymmetryMap {
    /// `f(conj(x))` equals `conj(f(x))`.
    Conj,
    /// `f(-x)` equals `-f(x)`.
    Odd,
    /// `f(-x)` equals `f(x)`.
    Even,
}

impl Spec {
    /// A function by category and name.
    pub fn function(&self, category: &str, name: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.category == category && f.name == name)
    }

    /// The limit of the default accuracy profile for results of `dtype`.
    pub fn accuracy_limit(&self, function: &str, dtype: DType) -> Option<f64> {
        let profile = self.profiles.get("default")?;
        profile.get(if dtype.is_complex() { "complex" } else { function }).copied()
    }
}

impl Function {
    /// Its path in the namespace: the extensions' functions live in one of their own.
    pub fn path(&self) -> String {
        match self.category.as_str() {
            "linalg" | "fft" => format!("{}.{}", self.category, self.name),
            _ => self.name.clone(),
        }
    }

    /// The id of one of its checks.
    pub fn check_id(&self, property: Property, slug: Option<&str>) -> CheckId {
        CheckId { category: self.category.clone(), function: self.name.clone(), property, slug: slug.map(str::to_owned) }
    }

    /// Its page in the newest revision of the standard.
    pub fn url(&self) -> String {
        let revision = self.until.unwrap_or(Revision::NEWEST);
        format!("https://data-apis.org/array-api/{revision}/API_specification/generated/array_api.{}.html", self.path())
    }

    /// A clause in our notation, with the link to its page.
    pub fn clause(&self, says: impl Into<String>) -> ClauseRef {
        ClauseRef { says: says.into(), url: self.url() }
    }

    /// An operand by name.
    pub fn operand(&self, name: &str) -> Option<&Operand> {
        self.operands.iter().find(|o| o.name == name)
    }

    /// The revision since which Python scalars are legal for some operand.
    pub fn scalars_since(&self) -> Option<Revision> {
        self.operands.iter().filter_map(|o| o.scalars).min()
    }

    /// The first revision in which operands of these dtypes are in the domain.
    pub fn dtypes_since(&self, dtypes: &Dtypes, used: impl IntoIterator<Item = DType>) -> Revision {
        let first = self.since;
        used.into_iter().fold(first, |latest, d| {
            let added = self.operands.iter().filter_map(|o| o.added.get(&d).copied()).max();
            latest.max(dtypes.since(d)).max(added.unwrap_or(first))
        })
    }

    /// How the value is judged for inputs of `dtype`.
    pub fn value_class(&self, dtype: DType) -> ValueClass {
        self.value.get(&dtype).copied().unwrap_or(ValueClass::Exact)
    }
}

impl ResultRule {
    /// The result's dtype for operands that promote to `common`, the first being `first`.
    pub fn dtype_of(&self, first: DType, common: DType) -> DType {
        match self.dtype {
            DtypeRule::Promote => common,
            DtypeRule::Same => first,
            DtypeRule::Boolean => DType::Bool,
            DtypeRule::RealOf => common.real(),
        }
    }
}
