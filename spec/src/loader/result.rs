//! The rules for the result of a function: as its entry has them, and checked.

use std::collections::BTreeMap;

use array_assay_format::{Level, Revision};
use serde::Deserialize;

use super::source::Chunk;
use crate::SpecSignature;
use crate::domain::Domain;
use crate::error::SpecError;
use crate::gap::GAPS;
use crate::model::{DtypeRule, Operand, Parameter, ResultArray, ResultRule, Results, Several};
use crate::shape::ShapeRule;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawResult {
    dtype: DtypeRule,
    #[serde(default)]
    dtype_level: Option<Level>,
    #[serde(default)]
    shape: Option<String>,
    #[serde(default)]
    gives: Option<RawGives>,
    #[serde(default)]
    earlier: BTreeMap<Revision, DtypeRule>,
    #[serde(default)]
    attributes: Vec<String>,
    #[serde(default)]
    tuple: Option<Revision>,
    #[serde(default)]
    mutates: Option<String>,
    #[serde(default)]
    observes: Option<String>,
}

/// The arrays of a result whose dtype is `stated`: the fields of a named tuple, several with one rule, or one.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected `{dtype, shape}`, with `count` or `each` where there are several, or a list of `{name, dtype, shape}`"
)]
enum RawGives {
    Fields(Vec<RawField>),
    Alike(RawAlike),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAlike {
    #[serde(default)]
    count: Option<String>,
    #[serde(default)]
    each: Option<String>,
    dtype: DtypeRule,
    shape: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    name: String,
    dtype: DtypeRule,
    shape: String,
}

/// The word for a shape that the text states and no rule can say.
const STATED: &str = "stated";

/// What a function is called with.
pub(super) struct Drawn<'a> {
    pub category: &'a str,
    pub signature: &'a SpecSignature,
    pub operands: &'a [Operand],
    pub parameters: &'a [Parameter],
}

impl Drawn<'_> {
    /// The names of its arrays, in the order of the signature.
    fn arrays(&self) -> Vec<&str> {
        if !self.operands.is_empty() {
            return self.operands.iter().map(|operand| operand.name.as_str()).collect();
        }
        let is_array = |name: &str| self.parameters.iter().any(|p| p.name == name && p.domain.is_array());
        self.signature.parameters.iter().map(|p| p.name.as_str()).filter(|name| is_array(name)).collect()
    }
}

impl RawResult {
    /// The rules of a function that is called with this.
    pub fn build(mut self, of: &Drawn<'_>, chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> ResultRule {
        let arrays = Builder { of, chunk, errors }.results(&mut self);
        ResultRule {
            dtype: self.dtype,
            dtype_level: self.dtype_level.unwrap_or(Level::Must),
            arrays,
            earlier: self.earlier.into_iter().collect(),
            attributes: self.attributes,
            tuple: self.tuple,
            mutates: self.mutates,
            observes: self.observes,
        }
    }
}

/// Collects the faults of the rules of one function.
struct Builder<'a> {
    of: &'a Drawn<'a>,
    chunk: &'a Chunk<'a>,
    errors: &'a mut Vec<SpecError>,
}

impl Builder<'_> {
    fn fault(&mut self, needle: &str, why: String) {
        self.errors.push(self.chunk.fault(needle, 0, why));
    }

    /// The arrays that come out.
    fn results(&mut self, raw: &mut RawResult) -> Option<Results> {
        let (shape, gives) = (raw.shape.take(), raw.gives.take());
        let stated = matches!(raw.dtype, DtypeRule::Stated | DtypeRule::None);
        if shape.is_some() && stated || gives.is_some() && raw.dtype != DtypeRule::Stated {
            self.fault("result:", "one array has `dtype` and `shape`; where the dtype is `stated`, `gives` says what comes out".to_owned());
        }
        if shape.is_none() && !stated && self.of.category != GAPS {
            self.fault("result:", format!("the result lacks `shape`: a rule, or `{STATED}`"));
        }
        match (shape, gives) {
            (Some(shape), _) if shape == STATED => None,
            (Some(shape), _) => self.result_array(raw.dtype, &shape).map(Results::One),
            (None, Some(RawGives::Fields(fields))) => {
                let fields = fields.into_iter().map(|f| Some((f.name, self.result_array(f.dtype, &f.shape)?)));
                fields.collect::<Option<_>>().map(Results::Fields)
            }
            (None, Some(RawGives::Alike(RawAlike { count, each, dtype, shape }))) => {
                let array = self.result_array(dtype, &shape)?;
                match (count, each) {
                    (None, None) => Some(Results::One(array)),
                    (Some(count), None) => Some(Results::Several(Several::Count(self.shape_rule(&count)?), array)),
                    (None, Some(each)) => {
                        if !self.of.parameters.iter().any(|p| p.name == each && matches!(p.domain, Domain::Arrays { .. })) {
                            self.fault("each:", format!("`{each}` is no sequence of arrays"));
                        }
                        Some(Results::Several(Several::Each(each), array))
                    }
                    (Some(_), Some(_)) => {
                        self.fault("each:", "the number of results is said by `count` or by `each`".to_owned());
                        None
                    }
                }
            }
            (None, None) => None,
        }
    }

    fn result_array(&mut self, dtype: DtypeRule, shape: &str) -> Option<ResultArray> {
        Some(ResultArray { dtype, shape: self.shape_rule(shape)? })
    }

    fn shape_rule(&mut self, text: &str) -> Option<ShapeRule> {
        let parsed = ShapeRule::parse(text, self.of.signature, &self.of.arrays());
        parsed.map_err(|error| self.errors.push(self.chunk.fault_after("result:", text, error.at, error.why))).ok()
    }
}
