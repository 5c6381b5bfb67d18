/** The door of the room: what comes in from agents. */
export { type Accepted, createIntake, type Intake, type IntakeOptions } from './intake.ts';
