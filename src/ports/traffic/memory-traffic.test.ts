import { systemClock } from '../../base/clock.ts';
import { trafficContract } from './contract.ts';
import { MemoryTraffic } from './memory-traffic.ts';
import { instance, plainTable, web } from './router-world.ts';

trafficContract('MemoryTraffic', async () => {
  const traffic = new MemoryTraffic({ clock: systemClock });
  return {
    traffic,
    table: (over, named) => ({
      ...plainTable('127.0.0.1:8080'),
      stable: named.map((name) => ({ instance: instance(name), generation: 'R-0', address: '127.0.0.1:9' })),
      ...over,
    }),
    async occupy(name) {
      traffic.setInFlight(web, instance(name), 1);
      return { end: async () => traffic.setInFlight(web, instance(name), 0) };
    },
    async takenAddress() {
      traffic.takenAddresses.add('127.0.0.1:1');
      return '127.0.0.1:1';
    },
    goAway: async () => traffic.goAway(),
    comeBack: async () => traffic.comeBack({ restarted: true }),
    close: () => traffic.close(),
  };
});
