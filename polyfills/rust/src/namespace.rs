//! x
use array_assay_interface::Backend;

/// x
pub trait Namespace: Backend {}
impl<B: Backend> Namespace for B {}
