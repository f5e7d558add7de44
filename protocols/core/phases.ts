// Words for what a party does while it has no task, as agents and the coordinator say them to whoever watches.

/** People of the party have to approve; `unit` of the progress names their roles, `done` of `total` have signed. */
export const AWAITING_APPROVAL = 'awaiting approval'
/** The party takes part and waits for the others. */
export const ACCEPTED = 'accepted'
/** Rounds go on without the party; `unit` of the progress says why. */
export const LEFT_OUT = 'left out'
