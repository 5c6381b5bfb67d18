import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A component whose code comes when it is first needed: what the first screen does not show, it does not weigh. */
export function lazy(load: () => Promise<ComponentType>): ComponentType {
  let Found: ComponentType | undefined;
  return function Lazy() {
    const [, again] = useState(0);
    useEffect(() => {
      if (Found) return;
      let gone = false;
      void load()
        .then((component) => {
          Found = component;
          if (!gone) again(1);
        })
        .catch(() => undefined);
      return () => {
        gone = true;
      };
    }, []);
    return Found ? <Found /> : null;
  };
}
