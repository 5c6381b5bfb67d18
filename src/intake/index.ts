/** The door of the room: what comes in from agents. */
export { createIntake, type Intake } from './intake.ts';
