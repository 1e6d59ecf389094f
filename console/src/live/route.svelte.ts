// Which page is shown: it stands in the address, so that links and the browser's way back work.
import { placeOf, type Place } from "../state/route";

class Route {
  at: Place = $state.raw(placeOf(location.hash));

  constructor() {
    addEventListener("hashchange", () => (this.at = placeOf(location.hash)));
  }
}

export const route = new Route();
