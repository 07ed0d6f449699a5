/** The cluster pane: asks the servers how they are, again and again while it is open. Pure. */
import type { ClusterEvent } from '../events';
import { asking, only, type Updated } from './effects';
import type { WindowModel } from './model';

/** What the question is asked with. */
const ID = 'cluster pane';

export function openCluster(model: WindowModel): Updated {
  return askCluster({ ...model, overlay: { type: 'cluster', isAsked: false, top: 0 } });
}

/** Asks once more, unless the last question has no answer yet: without a server there will be none. */
export function askCluster(model: WindowModel): Updated {
  const { overlay } = model;
  if (overlay?.type !== 'cluster' || overlay.isAsked || model.link.server === 0) return only(model);
  return { model: { ...model, overlay: { ...overlay, isAsked: true } }, effects: [asking({ type: 'cluster' }, ID)] };
}

/** @returns undefined: it was not asked for here */
export function onCluster(model: WindowModel, event: ClusterEvent, time: number): WindowModel | undefined {
  if (event.id !== ID) return undefined;
  return answered({ ...model, heardOfServers: { event, time } });
}

/** It could not be asked. @returns undefined: it was not asked for here */
export function withoutCluster(model: WindowModel, id: string): WindowModel | undefined {
  return id === ID ? answered(model) : undefined;
}

/** The next question may be asked. */
function answered(model: WindowModel): WindowModel {
  const { overlay } = model;
  return overlay?.type === 'cluster' ? { ...model, overlay: { ...overlay, isAsked: false } } : model;
}
