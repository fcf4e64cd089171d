//! The standard as data. The YAML files beside this crate hold its facts; the crate reads and checks them,
//! and evaluates the expressions in them. It knows no backend and judges nothing.

pub mod audit;
pub mod checks;
mod dtypes;
mod expected;
pub mod expr;
mod loader;
mod model;
mod rules;
mod signature;
mod spoil;
pub mod witness;

pub use dtypes::{DtypeSet, Dtypes};
pub use expected::{Claim, Component, Expected, Target};
pub use loader::{SpecError, SpecErrors};
pub use model::{
    ARRAY_FACTS, Aspect, ClauseEntry, ClauseLevel, Domain, DtypeRelation, DtypeRule, Freedom, Freedoms, Function, KEY_FACTS, Operand,
    Operator, OperatorForm, Parameter, Profile, RangePart, ResultRule, SafeValue, ShapeRelation, ShapeRule, Source, Spec, SymmetryMap,
    TopicPage, ValueClass, Values, facts,
};
pub use rules::{Rule, RuleBody};
pub use signature::{SignatureError, SpecParameter, SpecSignature};
pub use spoil::{Raise, Spoil};
