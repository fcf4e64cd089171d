//! The standard as data. The YAML files next to this crate hold its facts. The crate reads and checks them, and evaluates the expressions
//! in them. It knows no backend and judges nothing.

mod accepted;
pub mod audit;
mod capabilities;
pub mod checks;
mod clause;
pub mod consumer;
mod domain;
mod dtypes;
mod error;
mod expected;
pub mod expr;
mod facts;
mod gap;
mod invalid;
mod large;
pub(crate) mod loader;
mod located;
mod model;
mod pages;
pub mod polyfill;
mod result_dtype;
mod rule;
mod rules;
pub mod shape;
mod signature;
mod standard;
pub mod witness;

pub use accepted::{Accepted, Gives};
pub use capabilities::{Capability, Excuse};
pub use clause::{ClauseEntry, ClauseLevel, Source, TopicPage};
pub use domain::{Domain, DtypeRelation, RangePart, ShapeRelation, Values};
pub use dtypes::{DTYPE_FACTS, DtypeSet, Dtypes};
pub use error::{SpecError, SpecErrors};
pub use expected::{Claim, Component, Expected, Target};
pub use facts::{
    ARGUMENT_FACTS, ARRAY_FACTS, KEY_FACTS, OPERAND_FACTS, REDUCED, RESULT_CAST, SHAPES_DIFFER, choice_fact, facts, operand_facts,
};
pub use gap::{Demand, GAPS, Gap, Measure, Native, Status, Tracker};
pub use invalid::{Invalid, OpenCall, Raise};
pub use large::{LargeCall, large_calls};
pub use located::Located;
pub use model::{
    Aspect, Described, DtypeRule, ElementCondition, Freedom, Freedoms, Function, Operand, Operator, OperatorForm, Parameter, Refusal,
    ResultArray, ResultRule, Results, SafeValue, Several, ValueClass,
};
pub use pages::{Page, Pages};
pub use rule::{Rule, RuleBody, SymmetryMap};
pub use shape::ShapeRule;
pub use signature::{SignatureError, SpecParameter, SpecSignature};
pub use standard::{Profile, Spec};
