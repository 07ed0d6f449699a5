/** What can be typed as a place in a conversation. */
import fc from 'fast-check';
import { linkTo, placeOf } from '../../src/client/place';

/** Ten past nine where the tests run. */
const NOW = new Date(2026, 10, 23, 9, 10).getTime();
const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime();

test.each([
  ['1042', { type: 'position', position: 1042 }],
  ['#12', { type: 'index', index: 12 }],
  ['synod://lobby/1042', { type: 'position', position: 1042, room: 'lobby' }],
  ['synod://%40bob/7', { type: 'position', position: 7, room: '@bob' }],
  ['09:05', { type: 'time', time: at(2026, 10, 23, 9, 5) }],
  ['9:05:30', { type: 'time', time: at(2026, 10, 23, 9, 5, 30) }],
  ['14:05', { type: 'time', time: at(2026, 10, 22, 14, 5) }],
  ['today', { type: 'time', time: at(2026, 10, 23) }],
  ['Yesterday', { type: 'time', time: at(2026, 10, 22) }],
  ['yesterday 14:05', { type: 'time', time: at(2026, 10, 22, 14, 5) }],
  ['2026-02-28', { type: 'time', time: at(2026, 1, 28) }],
  ['2026-02-28 23:59', { type: 'time', time: at(2026, 1, 28, 23, 59) }],
])('%s', (text, place) => {
  expect(placeOf(text, NOW)).toEqual(place);
});

test.each([
  '',
  '0',
  '#0',
  '-1',
  'tomorrow',
  '25:00',
  '12:60',
  '2026-02-30',
  '2026-13-01',
  'synod://lobby/0',
  'synod://lobby',
  'synod://%E0/1',
  '1e3',
  '1 2',
  'yesterday14:05',
])('no place: %s', (text) => {
  expect(placeOf(text, NOW)).toBeUndefined();
});

test('a link opens the place that it was made of, whatever the room is called', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((room) => room.isWellFormed());
  fc.assert(
    fc.property(name, fc.integer({ min: 1, max: 10 ** 15 - 1 }), (room, position) => {
      expect(placeOf(linkTo(room, position), NOW)).toEqual({ type: 'position', position, room });
    }),
  );
});
