//! The standard as data. The YAML files beside this crate hold its facts; the crate reads and checks them,
//! and evaluates the expressions in them. It knows no backend and judges nothing.

pub mod audit;
pub mod checks;
mod dtypes;
mod expected;
pub mod expr;
mod gap;
pub(crate) mod loader;
mod model;
pub mod polyfill;
mod rules;
mod signature;
pub mod witness;

pub use dtypes::{DtypeSet, Dtypes};
pub use expected::{Claim, Component, Expected, Target};
pub use gap::{Demand, GAPS, Gap, Located, Measure, Native, Status, Tracker};
pub use loader::{SpecError, SpecErrors};
pub use model::{
    ARRAY_FACTS, Aspect, ClauseEntry, ClauseLevel, Domain, DtypeRelation, DtypeRule, Freedom, Freedoms, Function, KEY_FACTS, Operand,
    Operator, OperatorForm, Parameter, Profile, Raise, RangePart, ResultRule, SafeValue, ShapeRelation, ShapeRule, Source, Spec, Spoil,
    SymmetryMap, TopicPage, ValueClass, Values, facts,
};
pub use rules::{Rule, RuleBody};
pub use signature::{SignatureError, SpecParameter, SpecSignature};
