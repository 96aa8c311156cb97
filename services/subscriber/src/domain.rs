//! What is true of packages, seats and subscribers, whatever stores or transports them.

pub(crate) mod assignment;
pub(crate) mod package;
pub(crate) mod problem;
pub(crate) mod seat;
pub(crate) mod subscriber;

kit::id! {
    /// A customer, as the provisioning context names it.
    pub(crate) CustomerId
}
kit::id! {
    /// A customer's organization.
    pub(crate) OrganizationId
}
kit::id! {
    /// A subscriber.
    pub(crate) SubscriberId
}
kit::id! {
    /// A person of the identity context.
    pub(crate) PersonId
}
kit::id! {
    /// A location.
    pub(crate) LocationId
}
kit::id! {
    /// One package held by one subscriber for one interval.
    pub(crate) AssignmentId
}
