/** Of the command line and of the controller. */
export { version } from '../disk/version.ts';
