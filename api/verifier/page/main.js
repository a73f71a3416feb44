/**
 * The page, and the worker behind it: the same script, which finds out where it runs.
 */

import { serve, Verifier } from "./worker.js";
import { start } from "./view.js";

if (typeof document === "undefined") serve();
else start(new Verifier());
