//! Generates programs from the spec: streams of cases. A case depends only on the seed, the stream, its index and the backend profile.

mod accepted;
mod arguments;
mod block;
mod call;
mod calls;
mod case;
mod chain;
mod chained;
mod combination;
mod corners;
mod design;
mod facts;
mod invalid;
mod layout;
mod losses;
mod profile;
mod shapes;
mod stream;
mod tree;
mod values;

pub use accepted::{AcceptedDtypes, AcceptedStream};
pub use block::CaseBlock;
pub use call::{Call, simpler_arrays};
pub use calls::{CallCase, CallCell, CallStream, RAISE_SIZE, ruled_dtype, ruled_value};
pub use case::{ArgForm, Arguments, CallForm, Case, Operand, OperandCase, Pairing};
pub use chain::{CallChain, CallChains};
pub use combination::Combination;
pub use facts::{exercised_by, holds, holds_of_operands};
pub use layout::{LAYOUTS, Layout, Reverse, Transpose, ways};
pub use losses::{Fragile, Losses};
pub use profile::{BackendProfile, Excused, RankLimit};
pub use shapes::{ShapeKind, broadcast, broadcast_indices, tuple};
pub use stream::{Budget, Stream, StreamKind, streams};
pub use tree::CaseTree;
pub use values::PERIOD;
